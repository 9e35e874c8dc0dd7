// Machines of companion specifications with state machines: Machinery (OPC 40001-1) and machine tools
// (OPC 40501-1) by their published nodesets, and OPC 30060 by hand, for node-opcua has no nodeset of it.
"use strict";

const { Variant, DataType, StatusCodes, coerceLocalizedText } = require("node-opcua");
const { Machine, variable, stateOf } = require("./machine.cjs");

const DI = "http://opcfoundation.org/UA/DI/";
const MACHINERY = "http://opcfoundation.org/UA/Machinery/";
const MACHINE_TOOL = "http://opcfoundation.org/UA/MachineTool/";
const TMC = "http://opcfoundation.org/UA/TMC/v2/";

const MACHINES_FOLDER = 1001; // in the namespace of Machinery

// CurrentState with what it has of Id and Number, written by the state's name as `word`.
function addStateMachine(machine, word, path, node, index) {
  const current = node.getChildByName("CurrentState");
  const parts = { [`${path}/CurrentState`]: current };
  for (const name of ["Id", "Number"]) {
    const part = current.getChildByName(name);
    if (part) parts[`${path}/CurrentState/${name}`] = part;
  }
  for (const [name, part] of Object.entries(parts)) machine.add(name, part);
  machine.parts.set(word, (name, time) => {
    const state = stateOf(node.typeDefinitionObj, name, index);
    const values = {
      CurrentState: { dataType: DataType.LocalizedText, value: coerceLocalizedText(name) },
      Id: { dataType: DataType.NodeId, value: state.nodeId },
      Number: { dataType: DataType.UInt32, value: state.getChildByName("StateNumber")?.readValue().value.value },
    };
    return Object.keys(parts).filter((to) => machine.put(to, values[to.split("/").at(-1)], StatusCodes.Good, time));
  });
}

// A variable that is there already, with its first value.
function addGiven(machine, name, node, dataType, value) {
  node.setValueFromSource(new Variant({ dataType: DataType[dataType], value }));
  machine.add(name, node);
}

function machinesFolder(space) {
  return space.findNode(`ns=${space.getNamespaceIndex(MACHINERY)};i=${MACHINES_FOLDER}`);
}

// A press with the building blocks of OPC 40001-1, and counters of its maker's own.
function press(space) {
  const maker = space.registerNamespace("urn:press-maker");
  const machinery = space.getNamespaceIndex(MACHINERY);
  const di = space.getNamespaceIndex(DI);
  const machine = new Machine();
  const root = maker.addObject({ browseName: "Press", organizedBy: machinesFolder(space) });
  const identification = space.findObjectType("MachineIdentificationType", machinery).instantiate({
    browseName: { name: "Identification", namespaceIndex: di }, componentOf: root, namespace: maker,
  });
  addGiven(machine, "Machines/Press/Identification/SerialNumber",
    identification.getChildByName("SerialNumber", di), "String", "P-4711");
  const blocks = maker.addObject({
    browseName: { name: "MachineryBuildingBlocks", namespaceIndex: machinery }, componentOf: root,
  });
  for (const [word, name, type, first] of [
    ["state", "MachineryItemState", "MachineryItemState_StateMachineType", "NotAvailable"],
    ["mode", "MachineryOperationMode", "MachineryOperationModeStateMachineType", "None"],
  ]) {
    const node = space.findObjectType(type, machinery).instantiate({
      browseName: { name, namespaceIndex: machinery }, componentOf: blocks, namespace: maker,
    });
    addStateMachine(machine, word, `Machines/Press/MachineryBuildingBlocks/${name}`, node, machinery);
    machine.write({ [word]: first }, new Date());
  }
  const counters = maker.addObject({ browseName: "PressCounters", organizedBy: space.rootFolder.objects });
  for (const name of ["Total", "Good"]) {
    machine.add(`PressCounters/${name}`, variable(space, counters, maker, name, "UInt32", 0));
  }
  return machine;
}

// A milling machine of OPC 40501-1.
function machineTool(space) {
  const maker = space.registerNamespace("urn:tool-maker");
  const tool = space.getNamespaceIndex(MACHINE_TOOL);
  const di = space.getNamespaceIndex(DI);
  const root = space.findObjectType("MachineToolType", tool).instantiate({
    browseName: "Mill", organizedBy: machinesFolder(space), namespace: maker,
    optionals: [
      "Monitoring.MachineTool.IsWarmUp", "Production.Statistics", "Production.Statistics.PartsProducedInLifetime",
      "Production.ActiveProgram.JobIdentifier",
    ],
  });
  const machine = new Machine();
  const below = (path) => path.split("/").reduce(
    (node, name) => node.getChildByName(name, tool) ?? node.getChildByName(name, di), root);
  addGiven(machine, "Identification/SerialNumber", below("Identification/SerialNumber"), "String", "M-0815");
  addGiven(machine, "Monitoring/MachineTool/OperationMode", below("Monitoring/MachineTool/OperationMode"), "Int32", 0);
  addGiven(machine, "Monitoring/MachineTool/IsWarmUp", below("Monitoring/MachineTool/IsWarmUp"), "Boolean", false);
  const parts = "Production/Statistics/PartsProducedInLifetime";
  addGiven(machine, parts, below(parts), "UInt32", 5000);
  const program = "Production/ActiveProgram";
  addGiven(machine, `${program}/Name`, below(`${program}/Name`), "String", "");
  addGiven(machine, `${program}/JobIdentifier`, below(`${program}/JobIdentifier`), "String", "");
  addStateMachine(machine, "state", `${program}/State`, below(`${program}/State`), tool);
  machine.write({ state: "Initializing" }, new Date());
  return machine;
}

// A cigarette maker of OPC 30060.
function machineModule(space) {
  const tmc = space.registerNamespace(TMC);
  const maker = space.registerNamespace("urn:tobacco-maker");
  const type = tmc.addObjectType({ browseName: "MachineModuleType" });
  const root = maker.addObject({ browseName: "Maker", typeDefinition: type, organizedBy: space.rootFolder.objects });
  const machine = new Machine();
  const child = (namespace, parent, browseName) => namespace.addObject({ browseName, componentOf: parent });
  const status = child(tmc, root, "LiveStatus");
  const property = { propertyOf: status, componentOf: undefined };
  machine.add("LiveStatus/State", variable(space, status, tmc, "State", "Int32", 0, property));
  machine.add("LiveStatus/ControlMode", variable(space, status, tmc, "ControlMode", "Int32", 1, property));
  const output = child(maker, child(tmc, root, "MaterialOutputPoints"), "Rods");
  const held = { propertyOf: output, componentOf: undefined };
  const path = "MaterialOutputPoints/Rods";
  machine.add(`${path}/DownstreamHeld`, variable(space, output, tmc, "DownstreamHeld", "Boolean", false, held));
  const total = "ProducedMaterialMasterTotal";
  machine.add(`${path}/${total}`, variable(space, output, tmc, total, "Double", 1000));
  return machine;
}

module.exports = {
  BUILDERS: {
    "machinery/opcua": press,
    "machinetool/opcua": machineTool,
    "packml/tmc-opcua": machineModule,
  },
};
