// The address spaces of the machines of opcua_devices.cjs: names, types and places as their
// makers and the companion specifications document them.
"use strict";

const { DataType, StatusCodes, NodeId, coerceLocalizedText } = require("node-opcua");
const { Machine, variable, stateOf } = require("./machine.cjs");
const { BUILDERS: COMPANIONS } = require("./companion_machines.cjs");

const PACKML = "http://opcfoundation.org/UA/PackML/";
const WEIHENSTEPHAN = "http://opcfoundation.org/UA/Weihenstephan/";
const IMM2MES = "http://opcfoundation.org/UA/PlasticsRubber/IMM2MES/";
const GENERAL_TYPES = "http://opcfoundation.org/UA/PlasticsRubber/GeneralTypes/";
const DI = "http://opcfoundation.org/UA/DI/";

// Plain variables of a vendor, in a namespace that is not the first one.
const COUNTERS = [
  ["State", "Int32", 0], ["Mode", "Int32", 1], ["Total", "UInt32", 0], ["Good", "UInt32", 0],
  ["Reject", "UInt32", 0], ["Rework", "UInt16", 0], ["Speed", "Float", 0], ["Energy", "Double", 1200000],
  ["Power", "Double", 800], ["Product", "String", "juice-330"], ["Order", "String", ""],
  ["Reason", "String", ""], ["Blocked", "Boolean", false], ["Starved", "Boolean", false],
];

function plainVariables(space) {
  const namespace = space.registerNamespace("urn:vendor");
  const parent = namespace.addObject({ organizedBy: space.rootFolder.objects, browseName: "Counters" });
  const machine = new Machine();
  for (const [name, type, value] of COUNTERS) {
    machine.add(`Counters/${name}`, variable(space, parent, namespace, name, type, value));
  }
  return machine;
}

// A controller's variables, of which clients know the NodeIds.
function byNodeId(space, uri, folder, text, variables) {
  const namespace = space.registerNamespace(uri);
  const parent = namespace.addObject({ organizedBy: space.rootFolder.objects, browseName: folder });
  const machine = new Machine();
  for (const [name, type, value] of variables) {
    const node = variable(space, parent, namespace, name, type, value, { nodeId: `s=${text(name)}` });
    machine.add(text(name), node);
  }
  return machine;
}

// S7-1500: a data block "Lineproof"; the NodeIds are the quoted symbols.
function dataBlock(space) {
  return byNodeId(space, "http://www.siemens.com/simatic-s7-opcua", "PLC_1", (name) => `"Lineproof"."${name}"`, [
    ["State", "Int16", 0], ["TotalCount", "UInt32", 100], ["GoodCount", "UInt32", 97],
    ["RejectCount", "UInt32", 3], ["ProductName", "String", "tea-500"], ["OrderNumber", "String", ""],
  ]);
}

// WAGO PFC with CODESYS: the NodeIds are |var|, controller, application, program and variable.
function controller(space) {
  const program = "|var|WAGO 750-8212 PFC200 G2 2ETH RS.Application.PLC_PRG";
  return byNodeId(space, "CODESYSSPV3/3S/IecVarAccess", "DeviceSet", (name) => `${program}.${name}`, [
    ["iState", "Int16", 0], ["udiTotal", "UInt32", 0], ["udiReject", "UInt32", 0], ["udiGood", "UInt32", 0], ["lrEnergy", "Double", 820.5],
    ["xFault", "Boolean", false],
  ]);
}

// OPC 40077 with the types of OPC 40083 that the profile reads; node-opcua has no nodeset of them.
function injectionMoulding(space) {
  const imm = space.registerNamespace(IMM2MES);
  const general = space.registerNamespace(GENERAL_TYPES);
  const type = imm.addObjectType({ browseName: "IMM_MES_InterfaceType" });
  const devices = space.rootFolder.objects.getFolderElementByName("DeviceSet", space.getNamespaceIndex(DI));
  const root = space.getOwnNamespace().addObject({ browseName: "IMM_Maker_1", typeDefinition: type, organizedBy: devices });
  const machine = new Machine();
  const child = (namespace, parent, browseName) => namespace.addObject({ browseName, componentOf: parent });
  const value = (path, parent, dataType, first, more = {}) => {
    const browseName = path.split("/").at(-1);
    machine.add(path, variable(space, undefined, general, browseName, dataType, first, { ...more, [more.component ? "componentOf" : "propertyOf"]: parent }));
  };
  const status = child(imm, root, "MachineStatus");
  value("MachineStatus/MachineMode", status, "Int32", 0);
  const mes = child(imm, root, "MachineMESStatus");
  value("MachineMESStatus/StandstillReasonId", mes, "String", "");
  const control = child(general, mes, "ProductionControl");
  value("MachineMESStatus/ProductionControl/ProductionStatus", control, "Int32", 0);
  const jobs = child(imm, root, "Jobs");
  value("Jobs/ActiveJob/JobName", child(general, jobs, "ActiveJob"), "String", "");
  const values = child(general, jobs, "ActiveJobValues");
  for (const name of ["JobCycleCounter", "JobPartsCounter", "JobGoodPartsCounter", "JobBadPartsCounter"]) {
    value(`Jobs/ActiveJobValues/${name}`, values, "UInt64", 0, { component: true });
  }
  return machine;
}

// OPC 40600: WS_Cur_State is a PackML state machine with two more machines inside of Held and Suspended.
function fillingMachine(space) {
  const ws = space.getNamespaceIndex(WEIHENSTEPHAN);
  const packml = space.getNamespaceIndex(PACKML);
  const own = space.getOwnNamespace();
  const type = (name, index = ws) => space.findObjectType(name, index);
  const root = type("WSMachineType").instantiate({
    browseName: "Filler", organizedBy: space.rootFolder.objects, namespace: own,
    optionals: ["Counters", "OperatingModes", "OperatingStates", "Programs"],
  });
  const part = (name) => root.getChildByName(name, ws);
  const machine = new Machine();
  const point = (group, name, dataType, first) => {
    const more = { componentOf: part(group) };
    machine.add(`${group}/${name}`, variable(space, undefined, space.getNamespace(ws), name, dataType, first, more));
  };
  point("OperatingModes", "WS_Cur_Mode", "Int32", 8);
  point("Programs", "WS_Cur_Prog", "Int32", 1);
  point("Counters", "WS_Tot_Packages", "UInt32", 36000);
  point("Counters", "WS_Tot_Rej", "UInt32", 12);
  const base = type("WSBaseStateMachineType").instantiate({
    browseName: { name: "WS_Cur_State", namespaceIndex: ws }, componentOf: part("OperatingStates"), namespace: own,
  });
  const machineState = base.getChildByName("MachineState", packml);
  const execute = machineState.getChildByName("ExecuteState", packml);
  const inside = (name, kind) => type(kind).instantiate({
    browseName: { name, namespaceIndex: ws }, componentOf: execute, namespace: own,
  });
  const held = inside("HeldState", "WSHeldStateMachineType");
  const suspended = inside("SuspendedState", "WSSuspendedStateMachineType");
  const at = "OperatingStates/WS_Cur_State";
  const machines = [
    [at, base, packml], [`${at}/MachineState`, machineState, packml],
    [`${at}/MachineState/ExecuteState`, execute, packml],
    [`${at}/MachineState/ExecuteState/HeldState`, held, ws],
    [`${at}/MachineState/ExecuteState/SuspendedState`, suspended, ws],
  ];
  for (const [path, node] of machines) {
    machine.add(`${path}/CurrentState`, node.getChildByName("CurrentState"));
    machine.add(`${path}/CurrentState/Id`, node.getChildByName("CurrentState").getChildByName("Id"));
  }
  // The states from the outermost machine to the innermost one that has a state.
  machine.parts.set("state", (states, time) => machines.flatMap(([path, node, index], place) => {
    const name = place < 3 ? states[place] : states[3]?.[place - 3];
    const state = name ? stateOf(node.typeDefinitionObj, name, index) : null;
    const status = state ? StatusCodes.Good : StatusCodes.BadStateNotActive;
    const text = { dataType: DataType.LocalizedText, value: state && coerceLocalizedText(name) };
    const id = { dataType: DataType.NodeId, value: state ? state.nodeId : NodeId.nullNodeId };
    const said = [[`${path}/CurrentState`, text], [`${path}/CurrentState/Id`, id]];
    return said.filter(([to, variant]) => machine.put(to, variant, status, time)).map(([to]) => to);
  }));
  machine.write({ state: ["Cleared", "Stopped"] }, new Date());
  return machine;
}

const BUILDERS = {
  "generic/opcua-counters": plainVariables,
  "siemens/s7-1500-opcua": dataBlock,
  "wago/pfc-opcua": controller,
  "euromap/77-opcua": injectionMoulding,
  "weihenstephan/opcua": fillingMachine,
  ...COMPANIONS,
};

module.exports = { BUILDERS };
