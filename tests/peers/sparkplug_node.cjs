// An edge node on npm's sparkplug-client, which nobody here wrote. It says what its standard input
// tells it, one JSON object a line:
//
//   node sparkplug_node.cjs '{"port": 1883, "group": "plant", "node": "line-1"}'
//
//   {"do": "birth", "device": "filler", "metrics": [{"name": "Good", "type": "Int32", "value": 1}]}
//   {"do": "data", "device": "filler", "metrics": […]}      {"do": "death", "device": "filler"}
//   {"do": "vectors", "payloads": […]}      prints each payload as hexadecimal text
//   {"do": "skip"}      uses up a sequence number; the message is lost
//   {"do": "silent", "silent": true}        no answer to requests for a rebirth any more
//
// Without "device" it is the node itself. It remembers its births, and gives them again when it
// is asked (Node Control/Rebirth). Prints {"ready": true} once it is connected, {"done": n} after
// the n-th line, and {"rebirth": n} at the n-th request.
"use strict";

const client = require("sparkplug-client");
const payloads = require("sparkplug-payload").get("spBv1.0");
const readline = require("node:readline");

const options = JSON.parse(process.argv[2]);
const say = (what) => process.stdout.write(`${JSON.stringify(what)}\n`);
const births = new Map(); // by device, "" is the node
let done = 0;
let requests = 0;
let silent = false;
let node;

function timed(metrics) {
  const timestamp = Date.now();
  return { timestamp, metrics: metrics.map((metric) => ({ timestamp, ...metric })) };
}

function beBorn(device) {
  const payload = timed(births.get(device));
  if (device) {
    node.publishDeviceBirth(device, payload);
    return;
  }
  payload.metrics.push({ name: "Node Control/Rebirth", type: "Boolean", value: false });
  node.publishNodeBirth(payload);
}

const acts = {
  birth({ device = "", metrics = [] }) {
    births.set(device, metrics);
    beBorn(device);
  },
  data({ device, metrics }) {
    if (device) node.publishDeviceData(device, timed(metrics));
    else node.publishNodeData(timed(metrics));
  },
  death({ device }) {
    births.delete(device);
    node.publishDeviceDeath(device, { timestamp: Date.now() });
  },
  skip() {
    node.incrementSeqNum();
  },
  silent(line) {
    silent = line.silent;
  },
  vectors(line) {
    const hex = line.payloads.map((it) => Buffer.from(payloads.encodePayload(it)).toString("hex"));
    say({ vectors: hex });
  },
};

function listen() {
  readline.createInterface({ input: process.stdin }).on("line", (text) => {
    const line = JSON.parse(text);
    acts[line.do](line);
    say({ done: ++done });
  });
}

if (options.port === undefined) {
  listen(); // only for vectors
  say({ ready: true });
} else {
  node = client.newClient({
    serverUrl: `mqtt://127.0.0.1:${options.port}`, username: "", password: "",
    groupId: options.group, edgeNode: options.node, clientId: `${options.group}-${options.node}`,
    version: "spBv1.0", mqttOptions: { username: undefined, password: undefined },
  });
  node.on("birth", () => {
    node.client.subscribe(`spBv1.0/${options.group}/NCMD/${options.node}`, () => say({ ready: true }));
  });
  node.on("ncmd", (payload) => {
    const asked = payload.metrics.some((it) => it.name === "Node Control/Rebirth" && it.value === true);
    if (!asked) return;
    say({ rebirth: ++requests });
    if (silent) return;
    for (const device of births.keys()) beBorn(device);
  });
  listen();
}
