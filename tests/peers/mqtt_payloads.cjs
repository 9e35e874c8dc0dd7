// What devices publish, in the form that their vendors document: facts, no text of theirs.
//
// Of each device: `will`, its last will [topic, payload]; `born`, what it says as it connects
// (retained); `says(shows, now, topic)`, the messages that tell what its display shows, as
// [topic below its own, text or JSON]; `retained`, whether they are.
"use strict";

const seconds = (now) => Math.round(now.getTime() / 10) / 100;

// The time of a clock on a wall in Hong Kong, without an offset: 2026-03-02T07:30:00.
function wallTime(now) {
  const text = now.toLocaleString("sv-SE", { timeZone: "Asia/Hong_Kong" });
  return text.replace(" ", "T");
}

// Each value as a plain text on a topic of its own.
const plainTexts = (values) => Object.entries(values).map(([topic, value]) => [topic, String(value)]);

// Generation 1 tells each value on a topic of its own, as plain text.
function gen1Channel(number, { power_W, total_Wh }) {
  const at = `emeter/${number}`;
  return [
    [`${at}/power`, power_W.toFixed(2)], [`${at}/reactive_power`, "12.50"], [`${at}/pf`, "0.98"],
    [`${at}/voltage`, "229.84"], [`${at}/energy`, "41"], [`${at}/returned_energy`, "0"],
    [`${at}/total`, total_Wh.toFixed(1)], [`${at}/total_returned`, "3.1"],
  ];
}

// Generation 2 tells changes as a notice with its time, and the status of a component without one.
function gen2(parts, now, topic) {
  const notices = Object.entries(parts).map(([name, content]) => ["events/rpc", {
    src: topic.split("/").at(-1), dst: `${topic}/events`, method: "NotifyStatus",
    params: { ts: seconds(now), [name]: content },
  }]);
  const states = Object.entries(parts).map(([name, content]) => [`status/${name}`, content]);
  return [...notices, ...states];
}

function phase(name, power_W) {
  return {
    [`${name}_current`]: Math.abs(power_W) / 230, [`${name}_voltage`]: 230.0,
    [`${name}_act_power`]: power_W, [`${name}_aprt_power`]: Math.abs(power_W) * 1.01,
    [`${name}_pf`]: 0.99, [`${name}_freq`]: 50.0,
  };
}

const ONLINE = { will: ["online", "false"], born: [["online", "true"]] };

const DEVICES = {
  "shelly/gen1-em": { ...ONLINE, says: (shows) => gen1Channel(0, shows) },

  "shelly/gen1-3em": {
    ...ONLINE,
    says: ({ phases }) => phases.flatMap((shows, number) => gen1Channel(number, shows)),
  },

  "shelly/gen2-switch": {
    ...ONLINE,
    says: ({ power_W, total_Wh }, now, topic) => gen2({
      "switch:0": {
        id: 0, source: "timer", output: true, apower: power_W, voltage: 229.3, freq: 50.0,
        current: power_W / 229.3, pf: 0.99,
        aenergy: { total: total_Wh, by_minute: [0.0, 0.0, 0.0], minute_ts: Math.floor(now / 60000) * 60 },
        temperature: { tC: 41.2, tF: 106.2 },
      },
    }, now, topic),
  },

  "shelly/pro3em": {
    ...ONLINE,
    says: ({ phases_W, total_Wh }, now, topic) => gen2({
      "em:0": {
        id: 0, ...phase("a", phases_W[0]), ...phase("b", phases_W[1]), ...phase("c", phases_W[2]),
        n_current: null, total_current: 12.1, user_calibrated_phase: [],
        total_act_power: Math.round(phases_W.reduce((sum, it) => sum + it) * 1000) / 1000,
      },
      "emdata:0": { id: 0, total_act: total_Wh, total_act_ret: 12.4 },
    }, now, topic),
  },

  // The topic is tele/<device>: STATE and SENSOR come together, every TelePeriod.
  tasmota: {
    will: ["LWT", "Offline"], born: [["LWT", "Online"]],
    says: ({ power_W, total_kWh }, now) => [
      ["STATE", { Time: wallTime(now), Uptime: "0T05:10:12", UptimeSec: 18612, POWER: "ON" }],
      ["SENSOR", {
        Time: wallTime(now),
        ENERGY: {
          TotalStartTime: "2026-01-05T09:12:31", Total: total_kWh, Yesterday: 3.218, Today: 0.912,
          Period: 12, Power: power_W, ApparentPower: power_W, ReactivePower: 0, Factor: 1.0,
          Voltage: 229, Current: power_W / 229,
        },
      }],
    ],
  },

  // A message each time that something happened, with what it is about: {count: 2} on "count".
  "umh/classic": {
    says: (messages, now) => Object.entries(messages).map(([topic, content]) => [
      topic, { timestamp_ms: now.getTime(), ...content },
    ]),
  },

  // One tag, one message, on the topic of its virtual path and name.
  "umh/core": {
    says: (tags, now) => Object.entries(tags).map(([topic, value]) => [
      topic, { value, timestamp_ms: now.getTime() },
    ]),
  },

  // The standard template of the IoT Gateway; a value is bad if it comes as {bad: value}.
  kepware: {
    says: (tags, now) => [["iotgateway", {
      timestamp: now.getTime(),
      values: Object.entries(tags).map(([id, value]) => {
        const isBad = value !== null && typeof value === "object";
        return { id, v: isBad ? value.bad : value, q: !isBad, t: now.getTime() };
      }),
    }]],
  },

  "packml/simulator": { retained: true, says: plainTexts },

  "tulip/machine": { says: plainTexts },
};

module.exports = { DEVICES };
