// Many machines with plain variables on one node-opcua server: a peer whose protocol stack
// nobody here wrote, and whose values have whatever source times and status a test gives them.
//
//   node plain_machines.cjs '{"port": 4840, "names": ["aState", "aTotal"]}'
//
// Variables (Double) lie below Objects/Counters of namespace urn:vendor. A line of its standard
// input, {"name": "aState", "value": 1, "time_ms": 1767225600000, "bad": false}, writes one.
// "kept": 1000 keeps a history of that many values of each.
// Prints {"ready": true} once it listens, and {"written": n} after the n-th line.
"use strict";

const { OPCUAServer, Variant, DataType, StatusCodes, nodesets } = require("node-opcua");
const readline = require("node:readline");

const options = JSON.parse(process.argv[2]);

async function main() {
  const server = new OPCUAServer({
    port: options.port, hostname: "127.0.0.1", nodesets: [nodesets.standard],
    serverCapabilities: { maxSessions: 50, minSupportedSampleRate: 0 }, // each change goes out
  });
  await server.initialize();
  const space = server.engine.addressSpace;
  const namespace = space.registerNamespace("urn:vendor");
  const counters = namespace.addObject({ organizedBy: space.rootFolder.objects, browseName: "Counters" });
  const variables = {};
  for (const name of options.names) {
    variables[name] = namespace.addVariable({ componentOf: counters, browseName: name, dataType: "Double" });
    if (options.kept) space.installHistoricalDataNode(variables[name], { maxOnlineValues: options.kept });
  }
  let written = 0;
  readline.createInterface({ input: process.stdin }).on("line", (line) => {
    const { name, value, time_ms: ms, bad } = JSON.parse(line);
    const status = bad ? StatusCodes.BadSensorFailure : StatusCodes.Good;
    variables[name].setValueFromSource(new Variant({ dataType: DataType.Double, value }), status, new Date(ms));
    process.stdout.write(JSON.stringify({ written: ++written }) + "\n");
  });
  await server.start();
  process.stdout.write('{"ready": true}\n');
  process.on("SIGTERM", () => server.shutdown(0).then(() => process.exit(0)));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
