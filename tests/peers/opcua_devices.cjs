// Machines for packaged profiles on one node-opcua server: a peer whose protocol stack nobody here
// wrote. The companion models are the published nodesets where node-opcua has them.
//
//   node opcua_devices.cjs '{"port": 4840}'
//
// A line of its standard input, {"generic/opcua-counters": {"Counters/State": 1}, …}, writes values
// by device and name, all with the same source time. Prints {"ready": true, "names": {device:
// [name, …]}} once it listens, and {"done": n, "changed": {device: [name, …]}} after the n-th line:
// what then had another value than before.
"use strict";

const { OPCUAServer, nodesets } = require("node-opcua");
const readline = require("node:readline");
const { BUILDERS } = require("./opcua_machines.cjs");

const options = JSON.parse(process.argv[2]);
const say = (what) => process.stdout.write(`${JSON.stringify(what)}\n`);

async function main() {
  const server = new OPCUAServer({
    port: options.port, hostname: "127.0.0.1",
    nodesets: [
      nodesets.standard, nodesets.di, nodesets.ia, nodesets.machinery, nodesets.packML, nodesets.weihenstephan,
      nodesets.isa95JobControl, nodesets.machineryJobs, nodesets.machineTool,
    ],
    serverCapabilities: { maxSessions: 50, minSupportedSampleRate: 0 }, // each change goes out
  });
  await server.initialize();
  const machines = new Map();
  for (const [name, build] of Object.entries(BUILDERS)) machines.set(name, build(server.engine.addressSpace));
  await server.start();
  const names = [...machines].map(([name, machine]) => [name, [...machine.variables.keys()]]);
  say({ ready: true, names: Object.fromEntries(names) });
  let done = 0;
  readline.createInterface({ input: process.stdin }).on("line", (text) => {
    const time = new Date();
    const changed = Object.entries(JSON.parse(text)).map(([name, values]) => {
      return [name, machines.get(name).write(values, time)];
    });
    say({ done: ++done, changed: Object.fromEntries(changed) });
  });
  process.on("SIGTERM", () => server.shutdown(0).then(() => process.exit(0)));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
