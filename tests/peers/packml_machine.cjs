// A PackML machine (OPC 30050) on node-opcua that plays a timeline: a peer whose protocol
// stack nobody here wrote.
//
//   node packml_machine.cjs '{"port": 4840, "pki": "/tmp/x", "timeline": [...]}'
//
// timeline: [{"at_s": 0, "state": "Execute", "mode": 1, "total": 0, "defective": 0,
//   "consumed": 0, "speed": 100, "blocked": false, "starved": false, "stop_reason": 0,
//   "burst": 1000, "bad": "total"}]; every key but at_s is optional; times count from
// readiness. `burst` counts that many items one by one, one each millisecond of source time.
// `bad` sets the quality of a signal to BadSensorFailure. Other options: initial (an event),
// name, models (nodesets loaded before PackML), state_numbers, state_text_prefix, secure_only (the name of a
// policy), operation_limits, continuation_points, trust_clients, start_on_signal (times then count from SIGUSR2 instead of readiness).
// Its StopReason, and the variable Objects/Press/Counters, have structures that only a type
// dictionary tells.
//
// A line {"timeline": [...], "initial": {...}} on its standard input begins another timeline.
//
// Prints JSON lines: {"reset": true} as a timeline is given, {"ready": true} once its initial
// values are there and the machine listens, and for every value the truth:
// {"signal", "value", "time"} with the source time that it gave to OPC UA.
"use strict";

const {
  OPCUAServer, OPCUACertificateManager, Variant, VariantArrayType, DataType, StatusCodes,
  SecurityPolicy, MessageSecurityMode, NodeId, nodesets, coerceLocalizedText, makeEUInformation,
} = require("node-opcua");

const readline = require("node:readline");

const { addPress, hideDefinition } = require("./dictionary_types.cjs");

const options = JSON.parse(process.argv[2]);
const INITIAL = {
  state: "Idle", mode: 1, total: 0, defective: 0, consumed: 0, speed: 0, design_speed: 60,
  blocked: false, starved: false, stop_reason: 0,
};
const PACKML = "http://opcfoundation.org/UA/PackML/";

// The three nested state machines of OPC 30050 and the states of each.
const BASE_STATES = ["Aborting", "Aborted"];
const MACHINE_STATES = ["Clearing", "Stopped", "Stopping"];

// CurrentState/Number is optional in OPC 10000-16.
const STATE_NUMBERS = ["BaseStateMachine", "BaseStateMachine.MachineState", "BaseStateMachine.MachineState.ExecuteState"]
  .map((path) => `${path}.CurrentState.Number`);

function print(record) {
  process.stdout.write(JSON.stringify(record) + "\n");
}

function buildMachine(addressSpace) {
  const packml = addressSpace.getNamespaceIndex(PACKML);
  const type = addressSpace.findObjectType("PackMLBaseObjectType", packml);
  const machine = type.instantiate({
    browseName: options.name || "Filler",
    organizedBy: addressSpace.rootFolder.objects,
    namespace: addressSpace.getOwnNamespace(),
    optionals: [
      "Status.UnitModeCurrent", "Status.CurMachSpeed", "Status.MachSpeed",
      "Status.EquipmentBlocked", "Status.EquipmentStarved", "Admin.ProdConsumedCount",
      "Admin.ProdProcessedCount", "Admin.ProdDefectiveCount", "Admin.StopReason",
      "Admin.MachDesignSpeed", ...(options.state_numbers === false ? [] : STATE_NUMBERS),
    ],
  });
  const admin = machine.getChildByName("Admin", packml);
  const status = machine.getChildByName("Status", packml);
  const base = machine.getChildByName("BaseStateMachine", packml);
  const machineState = base.getChildByName("MachineState", packml);
  const executeState = machineState.getChildByName("ExecuteState", packml);
  const counters = {};
  for (const name of ["ProdConsumedCount", "ProdProcessedCount", "ProdDefectiveCount"]) {
    counters[name] = admin.getChildByName(name, packml);
  }
  const stopReason = admin.getChildByName("StopReason", packml);
  const speed = admin.getChildByName("MachDesignSpeed", packml);
  return { packml, machine, admin, status, base, machineState, executeState, counters, stopReason, speed };
}

class Player {
  constructor(addressSpace) {
    this.addressSpace = addressSpace;
    this.nodes = buildMachine(addressSpace);
    this.total = 0;
  }

  put(node, signal, value, dataType, time) {
    node.setValueFromSource(new Variant({ dataType, value }), StatusCodes.Good, time);
    print({ signal, value, time: time.toISOString() });
  }

  countValue(value) {
    const type = this.addressSpace.findDataType("PackMLCountDataType", this.nodes.packml);
    return this.addressSpace.constructExtensionObject(type, {
      ID: 1, name: "main", unit: makeEUInformation("C62", "item", "item"), count: value, accCount: value,
    });
  }

  count(name, signal, value, time) {
    const node = this.nodes.counters[name];
    const variant = new Variant({
      dataType: DataType.ExtensionObject, arrayType: VariantArrayType.Array,
      value: [this.countValue(value)],
    });
    node.setValueFromSource(variant, StatusCodes.Good, time);
    print({ signal, value, time: time.toISOString() });
  }

  stateOf(machine, name, time) {
    const current = machine.getChildByName("CurrentState");
    const state = name === null ? null : machine.typeDefinitionObj.getChildByName(name, this.nodes.packml);
    // OPC 10000-16: an inactive sub-machine has no state.
    const status = state === null ? StatusCodes.BadStateNotActive : StatusCodes.Good;
    const put = (node, dataType, value) => node && node.setValueFromSource(new Variant({ dataType, value }), status, time);
    put(current, DataType.LocalizedText, state && coerceLocalizedText((options.state_text_prefix || "") + name));
    put(current.getChildByName("Id"), DataType.NodeId, state ? state.nodeId : NodeId.nullNodeId);
    put(current.getChildByName("Number"), DataType.UInt32, state ? state.getChildByName("StateNumber").readValue().value.value : 0);
  }

  state(name, time) {
    const inBase = BASE_STATES.includes(name);
    const inMachine = MACHINE_STATES.includes(name);
    this.stateOf(this.nodes.base, inBase ? name : "Cleared", time);
    this.stateOf(this.nodes.machineState, inBase ? null : inMachine ? name : "Running", time);
    this.stateOf(this.nodes.executeState, inBase || inMachine ? null : name, time);
    print({ signal: "state", value: name, time: time.toISOString() });
  }

  stopReason(value, time) {
    const type = this.addressSpace.findDataType("PackMLAlarmDataType", this.nodes.packml);
    const reason = this.addressSpace.constructExtensionObject(type, {
      ID: value, value, message: value ? `reason ${value}` : "", category: 0,
      dateTime: time, ackDateTime: time, trigger: value !== 0,
    });
    this.nodes.stopReason.setValueFromSource(new Variant({ dataType: DataType.ExtensionObject, value: reason }), StatusCodes.Good, time);
    print({ signal: "stop_reason", value, time: time.toISOString() });
  }

  burst(items, time) {
    for (let i = 1; i <= items; i++) {
      this.count("ProdProcessedCount", "total", ++this.total, new Date(time.getTime() + i));
    }
  }

  bad(signal, time) {
    const node = { total: this.nodes.counters.ProdProcessedCount, speed: this.statusNode("CurMachSpeed") }[signal];
    const value = node.readValue().value;
    node.setValueFromSource(value, StatusCodes.BadSensorFailure, time);
    print({ signal, value: null, time: time.toISOString() });
  }

  statusNode(name) {
    return this.nodes.status.getChildByName(name, this.nodes.packml);
  }

  play(event) {
    const time = new Date();
    if ("mode" in event) this.put(this.statusNode("UnitModeCurrent"), "mode", event.mode, DataType.Int32, time);
    if ("speed" in event) this.put(this.statusNode("CurMachSpeed"), "speed", event.speed, DataType.Float, time);
    if ("design_speed" in event) this.put(this.nodes.speed, "ideal_speed", event.design_speed, DataType.Float, time);
    if ("blocked" in event) this.put(this.statusNode("EquipmentBlocked"), "blocked", event.blocked, DataType.Boolean, time);
    if ("starved" in event) this.put(this.statusNode("EquipmentStarved"), "starved", event.starved, DataType.Boolean, time);
    if ("total" in event) this.count("ProdProcessedCount", "total", (this.total = event.total), time);
    if ("defective" in event) this.count("ProdDefectiveCount", "defective", event.defective, time);
    if ("consumed" in event) this.count("ProdConsumedCount", "consumed", event.consumed, time);
    if ("stop_reason" in event) this.stopReason(event.stop_reason, time);
    if ("state" in event) this.state(event.state, time);
    if ("burst" in event) this.burst(event.burst, time);
    if ("bad" in event) this.bad(event.bad, time);
  }
}

async function main() {
  const certificates = new OPCUACertificateManager({
    rootFolder: options.pki, automaticallyAcceptUnknownCertificate: options.trust_clients !== false,
  });
  await certificates.initialize();
  const users = new OPCUACertificateManager({
    rootFolder: `${options.pki}-users`, automaticallyAcceptUnknownCertificate: true,
  });
  if (options.secure_only) await users.initialize();
  const security = options.secure_only
    ? {
        userCertificateManager: users,
        securityPolicies: [SecurityPolicy[options.secure_only]],
        securityModes: [MessageSecurityMode.Sign, MessageSecurityMode.SignAndEncrypt],
      }
    : {};
  const models = options.models || ["di", "adi"];
  const server = new OPCUAServer({
    port: options.port, hostname: "127.0.0.1", serverCertificateManager: certificates,
    // Other models before PackML, so that its namespace index is never to be relied on.
    nodesets: [nodesets.standard, ...models.map((name) => nodesets[name]), nodesets.packML],
    serverInfo: { applicationUri: "urn:lineproof:test:packml" },
    serverCapabilities: {
      maxSessions: 20, minSupportedSampleRate: 0, // each change goes out
      operationLimits: options.operation_limits, maxBrowseContinuationPoints: options.continuation_points,
    },
    userManager: { isValidUser: (user, password) => user === "line" && password === "proof" },
    ...security,
  });
  await server.initialize();
  const space = server.engine.addressSpace;
  const player = new Player(space);
  addPress(space);
  hideDefinition(space.findDataType("PackMLAlarmDataType", space.getNamespaceIndex(PACKML)));
  let timeline = [], timers = [];
  const begin = () => {
    timers = timeline.map((event) => setTimeout(() => player.play(event), event.at_s * 1000));
    timeline = [];
  };
  const set = (given) => {
    timers.forEach(clearTimeout);
    print({ reset: true });
    player.play({ ...INITIAL, ...given.initial });
    timeline = given.timeline || [];
  };
  const ready = () => {
    print({ ready: true });
    if (!options.start_on_signal) begin();
  };
  process.on("SIGUSR2", begin);
  set(options);
  await server.start();
  ready();
  readline.createInterface({ input: process.stdin }).on("line", (line) => {
    set(JSON.parse(line));
    ready();
  });
  const end = () => server.shutdown(0).then(() => process.exit(0));
  process.on("SIGTERM", end);
  setInterval(() => print({ sessions: server.engine.currentSessionCount, subscriptions: server.engine.currentSubscriptionCount }), 1000);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
