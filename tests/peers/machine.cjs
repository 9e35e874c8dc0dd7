// A machine of opcua_devices.cjs: its variables, and what is written to them.
"use strict";

const { Variant, VariantArrayType, DataType, StatusCodes } = require("node-opcua");

const SCALAR = { arrayType: VariantArrayType.Scalar };

// A machine's variables by name: the browse path from where the profile starts, or its NodeId's text.
class Machine {
  constructor() {
    this.variables = new Map();
    this.parts = new Map(); // what is written by one word and is several variables
  }

  add(name, variable) {
    this.variables.set(name, variable);
    return this;
  }

  // Writes values; the names of those that changed.
  write(values, time) {
    const changed = [];
    for (const [name, value] of Object.entries(values)) {
      const part = this.parts.get(name);
      if (part) changed.push(...part(value, time));
      else if (this.put(name, this.typed(name, value), StatusCodes.Good, time)) changed.push(name);
    }
    return changed;
  }

  typed(name, value) {
    const variable = this.variables.get(name);
    const dataType = variable.getBasicDataType();
    if (dataType === DataType.UInt64) return { dataType, value: [0, value] };
    return { dataType, value };
  }

  put(name, variant, status, time) {
    const node = this.variables.get(name);
    const next = new Variant({ ...variant, ...SCALAR });
    const before = node.readValue();
    const text = (value, code) => JSON.stringify([value.value, code.value]);
    node.setValueFromSource(next, status, time);
    return text(before.value, before.statusCode) !== text(next, status);
  }
}

function variable(space, parent, namespace, browseName, dataType, value, more = {}) {
  const node = namespace.addVariable({ browseName, dataType, componentOf: parent, ...more });
  const given = DataType[dataType] === DataType.UInt64 ? [0, value] : value;
  node.setValueFromSource(new Variant({ dataType: DataType[dataType], value: given, ...SCALAR }));
  return node;
}

function stateOf(type, name, index) {
  for (let it = type; it; it = it.subtypeOfObj) {
    const state = it.getChildByName(name, index);
    if (state) return state;
  }
  throw new Error(`no state ${name}`);
}

module.exports = { Machine, variable, stateOf };
