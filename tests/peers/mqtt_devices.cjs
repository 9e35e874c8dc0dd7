// Devices that speak plain MQTT, on npm's mqtt: a peer whose protocol stack nobody here wrote.
// Each says what its vendor's documentation gives (the links are in the profiles' profile.yaml).
//
//   node mqtt_devices.cjs '{"port": 1883}'
//
// A line of its standard input, {"says": [{"device": "shelly/gen1-em", "topic": "shellies/x",
// "shows": {…}}]}, makes each of these devices tell what its display shows. It connects before it
// speaks for the first time. {"dies": [topic, …]} cuts the connections of those, without a goodbye.
// Prints {"ready": true} once it listens, and {"done": n, "topics": […]} after the n-th line, when
// the broker has everything: the topics of what was published.
"use strict";

const mqtt = require("mqtt");
const readline = require("node:readline");
const { DEVICES } = require("./mqtt_payloads.cjs");

const options = JSON.parse(process.argv[2]);
const say = (what) => process.stdout.write(`${JSON.stringify(what)}\n`);
const clients = new Map(); // by topic

// The client of a device, and the topics of what it said as it connected just now.
async function connected(device, topic) {
  if (clients.has(topic)) return [clients.get(topic), []];
  const { will, born = [] } = DEVICES[device];
  const client = mqtt.connect(`mqtt://127.0.0.1:${options.port}`, {
    clientId: topic.replaceAll("/", "-"), reconnectPeriod: 0,
    will: will && { topic: `${topic}/${will[0]}`, payload: will[1], qos: 1, retain: true },
  });
  clients.set(topic, client);
  await new Promise((resolve, reject) => client.once("connect", resolve).once("error", reject));
  return [client, await Promise.all(born.map((it) => publish(client, topic, it, true)))];
}

function publish(client, prefix, [suffix, payload], retain = false) {
  const topic = prefix + "/" + suffix;
  const text = typeof payload === "string" ? payload : JSON.stringify(payload);
  return new Promise((resolve, reject) => {
    client.publish(topic, text, { qos: 1, retain }, (error) => (error ? reject(error) : resolve(topic)));
  });
}

async function says({ device, topic, shows }) {
  const [client, topics] = await connected(device, topic);
  const { retained = false } = DEVICES[device];
  for (const message of DEVICES[device].says(shows, new Date(), topic)) {
    topics.push(await publish(client, topic, message, retained));
  }
  return topics;
}

async function main() {
  let done = 0;
  say({ ready: true });
  for await (const text of readline.createInterface({ input: process.stdin })) {
    const line = JSON.parse(text);
    const topics = await Promise.all((line.says || []).map(says));
    for (const topic of line.dies || []) clients.get(topic).stream.destroy();
    say({ done: ++done, topics: topics.flat() });
  }
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
