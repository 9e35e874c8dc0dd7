#!/usr/bin/env node
// Checks a dossier of Lineproof with nothing but Node's standard library (version 18 or later):
//
//   node verify.mjs FILE.zip [--policy FILE] [--seen FILE]… [--json]
//
// It shares no line with the program that made the dossier; the format is docs/evidence-format.md
// of the project. Facts and verdicts it does not make again: it says so. Status 0: all that it
// checks holds; 1: something does not; 2: it was called wrongly, or this is no dossier.
import { createHash, createPublicKey, verify as verifySignature } from "node:crypto";
import { closeSync, createReadStream, fstatSync, openSync, readFileSync, readSync } from "node:fs";
import { createInflateRaw } from "node:zlib";

const NOT_CHECKED = ["facts_from_batches", "corrections", "decisions", "verdicts_from_facts", "report"];
const PATHS = new RegExp(
  "^(README\\.txt|(project|verdicts|corrections|decisions)\\.json|MANIFEST\\.sha256" +
    "|report\\.(en|zh-Hant|zh-Hans)\\.pdf|(terms|plants)/[0-9a-f]{64}\\.json|facts/[^/\\\\]+\\.csv" +
    "|facts/accepted/[0-9a-f]{64}\\.arrow|samples/[^/\\\\]+/\\d{4}-\\d\\d\\.parquet" +
    "|batches/[^/\\\\]+/\\d{12}\\.batches|attachments/[0-9a-f]{64}/[^/\\\\]+" +
    "|ledger/(checkpoint|policy|leaves\\.jsonl|proofs/\\d+\\.tlog-proof)|timestamps/[^/\\\\]+\\.tsr)$");
const FILES_MAX = 200_000, TEXT_MAX = 2 ** 30, RATIO_MAX = 1000, BATCH_MAX = 2 ** 30;
const WEEK_US = 7 * 86_400e6; // an agent's key is believed so long after the next one came
const DIGEST = /^[0-9a-f]{64}$/;

class DoesNotHold extends Error {
  constructor(path, says) { super(says); this.path = path; }
}
class Unusable extends Error {}
const fails = (path, says) => { throw new DoesNotHold(path, says); };
const refuses = (path, says) => { throw new Unusable(`${path}: ${says}`); };
const sha256 = (...parts) => parts.reduce((h, it) => h.update(it), createHash("sha256")).digest();
const hex = (...parts) => sha256(...parts).toString("hex");
const utf8 = (bytes, path) => {
  try { return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes); }
  catch { return fails(path, "it is no text in UTF-8"); }
};
const json = (bytes, path) => {
  try { return JSON.parse(utf8(bytes, path)); }
  catch (error) { if (error instanceof DoesNotHold) throw error; return fails(path, "it is no JSON"); }
};
// Of several ways to write the same bytes only the standard one counts.
const base64 = (text) => {
  const data = Buffer.from(text, "base64");
  return data.toString("base64") === text ? data : null;
};
const decimal = (text) => (/^(0|[1-9]\d{0,15})$/.test(text) ? Number(text) : null);
// Microseconds since 1970 of 2026-03-02T00:00:07.000000Z or …+00:00.
const micros = (text) => {
  const found = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?(Z|[+-]\d\d:\d\d)$/.exec(text);
  return found ? Date.parse(found[1] + found[3]) * 1000 + Number((found[2] ?? "").padEnd(6, "0")) : NaN;
};

/** The files of a zip, read from the disk piece by piece (APPNOTE.TXT 4.3: central directory, zip64). */
class Dossier {
  constructor(path) {
    this.path = path;
    try { this.fd = openSync(path, "r"); } catch { throw new Unusable(`${path}: there is no such file`); }
    this.files = new Map();
    try { this.#readDirectory(); } catch (error) {
      throw error instanceof Unusable ? error : new Unusable(`${path}: this is no zip`);
    }
    if (!this.files.has("MANIFEST.sha256") || !this.files.has("project.json"))
      throw new Unusable(`${path}: this is no dossier: it has no MANIFEST.sha256 and project.json`);
  }
  #at(position, length) {
    const data = Buffer.alloc(length);
    if (readSync(this.fd, data, 0, length, position) !== length) throw new Unusable(`${this.path}: it was cut off`);
    return data;
  }
  #readDirectory() {
    const none = (why) => { throw new Unusable(`${this.path}: this is no dossier: ${why}`); };
    const size = fstatSync(this.fd).size, tailAt = Math.max(0, size - 65_557);
    const tail = this.#at(tailAt, size - tailAt), end = tail.lastIndexOf("PK\x05\x06", undefined, "latin1");
    if (end < 0) none("it is no zip");
    let [count, length, start] = [tail.readUInt16LE(end + 10), tail.readUInt32LE(end + 12), tail.readUInt32LE(end + 16)];
    if (count === 0xffff || length === 0xffffffff || start === 0xffffffff) {
      const locator = this.#at(tailAt + end - 20, 20);
      if (locator.readUInt32LE(0) !== 0x07064b50) none("its directory cannot be read");
      const record = this.#at(Number(locator.readBigUInt64LE(8)), 56);
      [count, length, start] = [24, 40, 48].map((it) => Number(record.readBigUInt64LE(it)));
    }
    if (count > FILES_MAX || length > 2 ** 28) none(`it has more than ${FILES_MAX} files`);
    const directory = this.#at(start, length);
    for (let at = 0, left = count; left > 0; left--) {
      if (directory.readUInt32LE(at) !== 0x02014b50) none("its directory cannot be read");
      const [name, extra, comment] = [28, 30, 32].map((it) => directory.readUInt16LE(at + it));
      const file = { method: directory.readUInt16LE(at + 10), packed: directory.readUInt32LE(at + 20),
        size: directory.readUInt32LE(at + 24), at: directory.readUInt32LE(at + 42) };
      const path = directory.toString("utf8", at + 46, at + 46 + name);
      for (let field = at + 46 + name; field + 4 <= at + 46 + name + extra; field += 4 + directory.readUInt16LE(field + 2)) {
        if (directory.readUInt16LE(field) !== 1) continue;
        let value = field + 4;
        for (const key of ["size", "packed", "at"])
          if (file[key] === 0xffffffff) { file[key] = Number(directory.readBigUInt64LE(value)); value += 8; }
      }
      if (!PATHS.test(path) || path.split("/").includes("..")) none(`a dossier has no file '${path.slice(0, 100)}'`);
      if (this.files.has(path)) none(`it has two files '${path}'`);
      if (file.method !== 0 && file.method !== 8) none(`'${path}' is packed in a way that a dossier's files are not`);
      if (file.size > RATIO_MAX * (file.packed + 100)) none(`'${path}' would become ${file.size} bytes`);
      this.files.set(path, file);
      at += 46 + name + extra + comment;
    }
  }
  under(folder) { return [...this.files.keys()].filter((it) => it.startsWith(folder)).sort(); }
  async *chunks(path) {
    const file = this.files.get(path) ?? fails(path, "it is not in the dossier");
    const local = this.#at(file.at, 30);
    const start = file.at + 30 + local.readUInt16LE(26) + local.readUInt16LE(28);
    if (local.readUInt32LE(0) !== 0x04034b50) fails(path, "it cannot be read");
    let size = 0;
    try {
      if (file.packed > 0) {
        const packed = createReadStream(this.path, { start, end: start + file.packed - 1, highWaterMark: 1 << 20 });
        let data = packed;
        if (file.method === 8) {
          data = createInflateRaw();
          packed.on("error", (error) => data.destroy(error));
          packed.pipe(data);
        }
        for await (const chunk of data) {
          if ((size += chunk.length) > file.size) fails(path, "it is longer than the zip says");
          yield chunk;
        }
      }
    } catch (error) { throw error instanceof DoesNotHold ? error : new DoesNotHold(path, "it cannot be unpacked"); }
    if (size !== file.size) fails(path, "it is shorter than the zip says");
  }
  async read(path) {
    if (this.files.get(path)?.size > TEXT_MAX) fails(path, `it has more than ${TEXT_MAX} bytes`);
    const found = [];
    for await (const chunk of this.chunks(path)) found.push(chunk);
    return Buffer.concat(found);
  }
  async digest(path) {
    const hash = createHash("sha256");
    for await (const chunk of this.chunks(path)) hash.update(chunk);
    return hash.digest("hex");
  }
}

// ---- Keys, notes, policies, tree -------------------------------------------------------------

const ed25519 = (key, signature, signed) => {
  const der = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), key]);
  try { return verifySignature(null, signed, createPublicKey({ key: der, format: "der", type: "spki" }), signature); }
  catch { return false; }
};
const verifierKey = (text) => {
  const [name, id, ...rest] = text.split("+"), data = base64(rest.join("+"));
  if (!name || !data || data.length < 2) return null;
  if (id !== sha256(`${name}\n`, data).subarray(0, 4).toString("hex")) return null;
  return { name, id, kind: data[0], key: data.subarray(1), text };
};
const parsePolicy = (text, path, refuse) => {
  const policy = { logs: [], seen: new Map(), quorum: null };
  for (const line of text.split("\n")) {
    const [kind, ...items] = line.trim().split(/[ \t]+/);
    const wrong = () => refuse(path, `'${line.slice(0, 200)}' is not how a line is written`);
    if (!kind || kind.startsWith("#")) continue;
    if (kind === "log") policy.logs.push(verifierKey(items[0] ?? "") ?? wrong());
    else if (kind === "witness" && !policy.seen.has(items[0]) && items[0] !== "none") {
      const key = verifierKey(items[1] ?? "") ?? wrong();
      policy.seen.set(items[0], (by) => by.has(key.text));
      (policy.witnesses ??= []).push(key);
    } else if (kind === "group" && items.length > 2 && !policy.seen.has(items[0]) && items[0] !== "none") {
      const members = items.slice(2).map((it) => policy.seen.get(it) ?? wrong());
      const needed = { any: 1, all: members.length }[items[1]] ?? decimal(items[1]);
      if (!(needed >= 1 && needed <= members.length)) wrong();
      policy.seen.set(items[0], (by) => members.filter((it) => it(by)).length >= needed);
    } else if (kind === "quorum" && policy.quorum === null && items.length === 1)
      policy.quorum = items[0] === "none" ? () => true : (policy.seen.get(items[0]) ?? wrong());
    else wrong();
  }
  if (policy.quorum === null) refuse(path, "there is no line 'quorum …'");
  return policy;
};
const parseNote = (text, path) => {
  const cut = text.lastIndexOf("\n\n"), below = cut < 0 ? [] : text.slice(cut + 2).split("\n");
  if (cut < 0 || below.pop() !== "" || !below.length) fails(path, "this is no signed note");
  const signatures = below.map((line) => {
    const found = /^— ([^ +]+) (\S+)$/.exec(line), data = found && base64(found[2]);
    if (!data || data.length <= 4) fails(path, "this is no signed note: a line is none of a signature");
    return { name: found[1], id: data.subarray(0, 4).toString("hex"), signature: data.subarray(4) };
  });
  const signed = text.slice(0, cut + 1), lines = signed.slice(0, -1).split("\n");
  const [origin, size, root] = [lines[0], decimal(lines[1] ?? ""), base64(lines[2] ?? "")];
  if (lines.length < 3 || lines.includes("") || size === null || root?.length !== 32) fails(path, "this is no checkpoint");
  return { signed, signatures, origin, size, root };
};
const requireSigned = (note, policy, path) => {
  const known = policy.logs.filter((it) => it.kind === 1 && it.name === note.origin);
  if (!known.length) fails(path, `the policy does not trust the ledger '${note.origin}'`);
  let count = 0;
  for (const it of note.signatures) {
    const key = known.find((each) => each.name === it.name && each.id === it.id);
    if (!key) continue;
    if (!ed25519(key.key, it.signature, Buffer.from(note.signed)))
      fails(path, `the signature of '${key.name}' is not its key's: text or signature was changed`);
    count++;
  }
  if (!count) fails(path, "nobody who is trusted signed it");
};
const leafHash = (bytes) => sha256(Buffer.of(0), bytes);
const nodeHash = (left, right) => sha256(Buffer.of(1), left, right);
const rootOf = (hashes) => { // RFC 6962, 2.1
  if (!hashes.length) return sha256("");
  const whole = []; // the whole subtrees so far, the largest first
  hashes.forEach((hash, index) => {
    let made = hash;
    for (let n = index; n % 2 === 1; n = (n - 1) / 2) made = nodeHash(whole.pop(), made);
    whole.push(made);
  });
  return whole.reduceRight((right, left) => nodeHash(left, right));
};
const climbs = (hash, index, size, path, root) => { // RFC 9162, 2.1.3.2
  if (index >= size) return false;
  let [fn, sn, made] = [BigInt(index), BigInt(size - 1), hash];
  for (const step of path) {
    if (sn === 0n) return false;
    if (fn & 1n || fn === sn) {
      made = nodeHash(step, made);
      while (!(fn & 1n) && fn !== 0n) { fn >>= 1n; sn >>= 1n; }
    } else made = nodeHash(made, step);
    fn >>= 1n; sn >>= 1n;
  }
  return sn === 0n && made.equals(root);
};

// ---- The checks, each throws DoesNotHold or gives what is to be known beside it ---------------

async function manifest(it) {
  const path = "MANIFEST.sha256", text = utf8(await it.dossier.read(path), path);
  it.digests = new Map();
  for (const line of text.split("\n").slice(0, -1)) {
    const found = /^([0-9a-f]{64}) {2}(\S.*)$/.exec(line);
    if (!found || it.digests.has(found[2])) fails(path, "it is no list of files and digests");
    it.digests.set(found[2], found[1]);
  }
  if (manifestOf(it.digests) !== text) fails(path, "it is no list of files and digests");
  for (const name of it.dossier.files.keys())
    if (name !== path && !it.digests.has(name)) fails(name, "the manifest does not name this file");
  for (const name of it.digests.keys())
    if (!it.dossier.files.has(name)) fails(name, "the manifest names this file, and it is not there");
  for (const [name, digest] of it.digests)
    if ((await it.dossier.digest(name)) !== digest) fails(name, "the file is not the one that the manifest names: it was changed");
}
const byBytes = (a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b));
const manifestOf = (digests) => [...digests.keys()].sort(byBytes).map((it) => `${digests.get(it)}  ${it}\n`).join("");

async function checkpointSignature(it) {
  const path = "ledger/checkpoint", own = "ledger/policy";
  it.note = parseNote(utf8(await it.dossier.read(path), path), path);
  it.policy = it.options.policy
    ? parsePolicy(ofReader(it.options.policy).toString(), it.options.policy, refuses)
    : parsePolicy(utf8(await it.dossier.read(own), own), own, fails);
  requireSigned(it.note, it.policy, path);
  if (!it.options.policy)
    return "The key of the ledger is the one that the dossier itself names. Give --policy with the key that you got on another way.";
}
const ofReader = (path) => {
  try { return readFileSync(path); } catch { throw new Unusable(`${path}: there is no such file`); }
};
function witnesses(it) {
  const seen = new Set(); // C2SP tlog-cosignature: kind 4, eight bytes of time before the signature
  for (const key of it.policy.witnesses ?? [])
    for (const { name, id, signature } of it.note.signatures) {
      if (key.kind !== 4 || name !== key.name || id !== key.id || signature.length !== 72) continue;
      const text = `cosignature/v1\ntime ${signature.readBigUInt64BE(0)}\n${it.note.signed}`;
      if (ed25519(key.key, signature.subarray(8), Buffer.from(text))) seen.add(key.text);
    }
  if (!it.policy.quorum(seen)) fails("ledger/checkpoint", "fewer witnesses cosigned the checkpoint than the policy asks for");
  return it.policy.witnesses ? `${seen.size} witnesses of the policy cosigned it.` : "The policy asks for no witness.";
}
async function timestamps(it) {
  const paths = it.dossier.under("timestamps/"), wanted = sha256(Buffer.from(it.note.signed));
  if (!paths.length) return "The dossier has no time stamp of a third party.";
  for (const path of paths) {
    const { imprint } = stampOf(await it.dossier.read(path)) ?? fails(path, "this is no time stamp");
    if (!imprint.equals(wanted)) fails(path, "the time stamp is not of this checkpoint");
  }
  return `Time stamps of this checkpoint: ${paths.length}. Who signed them is not checked here: use lineproof verify --tsa-root, or openssl ts -verify.`;
}
/** The SHA-256 that a time stamp is of (RFC 3161, 2.4.2); null where it is none. */
function stampOf(data) {
  const OIDS = { signed: "2a864886f70d010702", info: "2a864886f70d0109100104", sha256: "608648016503040201" };
  try {
    const [answer] = der(data), [, token] = answer.inside(0x30);
    const [kind, wrapped] = token.inside(0x30), [signed] = wrapped.inside(0xa0);
    const content = signed.inside(0x30)[2], [type, outer] = content.inside(0x30);
    const [octets] = outer.inside(0xa0), [info] = der(octets.content);
    const [method, hash] = info.inside(0x30)[2].inside(0x30), [algorithm] = method.inside(0x30);
    const said = [kind, type, algorithm].map((it) => it.content.toString("hex"));
    const isOne = said.join() === [OIDS.signed, OIDS.info, OIDS.sha256].join() && hash.content.length === 32;
    return isOne ? { imprint: hash.content } : null;
  } catch { return null; }
}
/** The values that stand one after the other in DER (X.690, 8.1): tag, content, what is inside. */
function der(data) {
  const found = [];
  for (let at = 0; at < data.length; ) {
    const tag = data[at], short = data[at + 1], more = short > 0x80 ? short & 0x7f : 0;
    const length = more ? data.readUIntBE(at + 2, Math.min(more, 6)) : short, from = at + 2 + more;
    if (short === 0x80 || more > 4 || from + length > data.length) throw new RangeError("no DER");
    const content = data.subarray(from, from + length);
    found.push({ tag, content, inside(wanted) { if (tag !== wanted) throw new RangeError("no DER"); return der(content); } });
    at = from + length;
  }
  return found;
}
const parseLeaf = (text) => {
  const said = JSON.parse(text), keys = Object.keys(said);
  const sorted = keys.every((key, n) => n === 0 || keys[n - 1] < key);
  if (!sorted || JSON.stringify(said) !== text || !Number.isSafeInteger(said.number) || said.number < 1) return null;
  if (!DIGEST.test(said.digest) || Number.isNaN(micros(said.at))) return null;
  const names = { chain_head: "agent,at,digest,kind,number", record: "at,content,digest,kind,number,of", dossier: "at,digest,kind,number" };
  return names[said.kind] === keys.join() ? said : null;
};
async function inclusion(it) {
  const path = "ledger/leaves.jsonl", lines = utf8(await it.dossier.read(path), path).split("\n");
  if (lines.pop() !== "") fails(path, "its last line was cut off");
  it.leaves = lines.map((line, index) => {
    try {
      const said = JSON.parse(line);
      if (said.index !== index) throw new Error();
      if ("hash" in said) {
        const hash = base64(said.hash);
        if (hash?.length !== 32 || Object.keys(said).length !== 2) throw new Error();
        return { hash };
      }
      const leaf = parseLeaf(said.leaf);
      if (!leaf) throw new Error();
      return { hash: leafHash(said.leaf), leaf, text: "row" in said && leaf.kind === "record" ? String(said.row) : null };
    } catch { return fails(path, `line ${index + 1} is none of a leaf`); }
  });
  if (it.leaves.length !== it.note.size || !rootOf(it.leaves.map((each) => each.hash)).equals(it.note.root))
    fails(path, "these are not the leaves that the checkpoint signs");
  let number = 0;
  it.rows = [];
  for (const [index, { leaf, text }] of it.leaves.entries()) {
    if (leaf?.kind !== "record") continue;
    if (leaf.number !== ++number) fails(path, `row ${number} of the record has no leaf at its place`);
    if (text === null) continue;
    if (hex(text) !== leaf.content) fails(path, `the row beside leaf ${index} is not the one that the leaf tells (${leaf.of}): it was changed`);
    it.rows.push({ leaf, of: leaf.of, said: JSON.parse(text) });
  }
  const evidence = hex(manifestOf(new Map([...it.digests].filter(([name]) => !/^(ledger|timestamps)\//.test(name)))));
  const own = it.leaves.find(({ leaf }) => leaf?.kind === "dossier" && leaf.digest === evidence);
  if (!own) fails("MANIFEST.sha256", "no leaf of the ledger vouches for these files: they were changed after the dossier was made");
  if (own.leaf.number !== it.about.record) fails("project.json", "its 'record' is not what the dossier's leaf says");
  for (const name of it.dossier.under("ledger/proofs/")) await checkProof(it, name);
  return `${it.rows.length} of ${own.leaf.number} rows of the record are of this project.`;
}
async function checkProof(it, path) {
  const text = utf8(await it.dossier.read(path), path), cut = text.indexOf("\n\n");
  const [first, extra, index, ...hashes] = text.slice(0, cut).split("\n");
  const leaf = extra?.startsWith("extra ") && base64(extra.slice(6));
  const number = index?.startsWith("index ") ? decimal(index.slice(6)) : null, steps = hashes.map(base64);
  if (cut < 0 || first !== "c2sp.org/tlog-proof@v1" || !leaf || number === null || !steps.every((step) => step?.length === 32))
    fails(path, "this is no proof of a leaf");
  const note = parseNote(text.slice(cut + 2), path), hash = leafHash(leaf);
  requireSigned(note, it.policy, path);
  if (!climbs(hash, number, note.size, steps, note.root)) fails(path, `the leaf is not number ${number} of the ledger`);
  if (!it.leaves[number]?.hash.equals(hash)) fails(path, "it proves another leaf than the dossier has at that place");
}
async function consistency(it) {
  const hashes = it.leaves.map((each) => each.hash);
  for (const path of it.options.seen) {
    let data = ofReader(path);
    if (data.toString("latin1", 0, 2) === "PK") data = await new Dossier(path).read("ledger/checkpoint");
    const earlier = parseNote(data.toString(), path);
    requireSigned(earlier, it.policy, path);
    if (earlier.origin !== it.note.origin) fails("ledger/checkpoint", `${path} is a checkpoint of another ledger`);
    if (earlier.size > hashes.length) fails("ledger/checkpoint", `the ledger was rolled back: ${path} signs ${earlier.size} leaves, and the dossier has ${hashes.length}`);
    if (!rootOf(hashes.slice(0, earlier.size)).equals(earlier.root))
      fails("ledger/checkpoint", `the ledger was forked: its first ${earlier.size} leaves are not those that ${path} signs`);
  }
  return it.options.seen.length ? "" : "No earlier checkpoint was given to compare with (--seen).";
}
const said = (it, of) => it.rows.filter((row) => row.of === of);
/** When a local day begins in the plant's zone, in microseconds. */
function midnight(day, zone) {
  const wanted = Date.parse(`${day}T00:00:00Z`);
  const parts = new Intl.DateTimeFormat("en-CA", { timeZone: zone, hourCycle: "h23", year: "numeric", month: "2-digit",
    day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit" });
  const local = (at) => Date.parse(parts.format(at).replace(", ", "T") + "Z");
  let at = wanted;
  for (let n = 0; n < 3; n++) at += wanted - local(at);
  return at * 1000;
}
const dayAfter = (day) => new Date(Date.parse(day) + 86_400_000).toISOString().slice(0, 10);
/** From which day on data count for the target; null: none does; undefined: it cannot be told. */
function firstDay(terms, grant) {
  if (terms.kind === "output") return terms.start ?? terms.window.start ?? grant.start;
  if (terms.kind === "kpi") {
    if (terms.window.start) return terms.window.start;
    return terms.target === undefined && terms.baseline ? terms.baseline.start : grant.start;
  }
  if (terms.kind === "commissioned") return grant.start;
  if (terms.kind === "operating") return terms.window?.start ?? (grant.end && dayAfter(grant.end));
  return null;
}
/** The number of the approved change request that a version of terms carries out; undefined: none. */
function requestOf(it, milestone, terms) {
  const own = (row) => row.said.project === it.about.project, before = it.rows.slice(0, it.rows.indexOf(terms));
  const files = said(it, "project_versions").filter((row) => row.said.owner === it.about.project);
  const place = files.findIndex((row) => row.said.id === terms.said.project_version);
  const named = (row) => (/^change_requests:((?:\s*-?\s*[[\],\d]+)*)/m.exec(row.said.text)?.[1].match(/\d+/g) ?? []).map(Number);
  const earlier = new Set(files.slice(0, Math.max(place, 0)).flatMap(named));
  const isAsked = (number) => before.some((row) => row.of === "change_requests" && own(row) && row.said.number === number
    && ["scope", "dates"].includes(row.said.kind) && ["", milestone].includes(row.said.milestone));
  const isApproved = (number) => before.some((row) => row.of === "change_decisions" && own(row) && row.said.request === number && row.said.approved === true);
  return place < 1 ? undefined : named(files[place]).find((number) => !earlier.has(number) && isAsked(number) && isApproved(number));
}
async function termsBeforeWindow(it) {
  const versions = said(it, "terms_versions").filter((row) => row.said.project === it.about.project);
  const late = [], changed = [], unknown = [], used = new Set(versions.map((row) => `terms/${row.said.digest}.json`));
  const grants = said(it, "project_versions").filter((row) => row.said.owner === it.about.project);
  const text = grants.at(-1)?.said.text ?? "";
  const dated = (key) => new RegExp(`^${key}:\\s*["']?(\\d{4}-\\d\\d-\\d\\d)["']?\\s*(#.*)?$`, "m").exec(text)?.[1];
  const grant = { start: dated("start"), end: dated("end") };
  for (const path of it.dossier.under("terms/")) {
    if (!used.has(path)) fails(path, "it is not what the record says");
    if (path !== `terms/${it.digests.get(path)}.json`) fails(path, "it is not what the record says");
  }
  for (const milestone of it.about.milestones) {
    const own = versions.filter((row) => row.said.milestone === milestone.id);
    if (own.at(-1)?.said.digest !== milestone.terms) fails("ledger/leaves.jsonl", `the terms of ${milestone.id} have no leaf`);
    const path = `terms/${milestone.terms}.json`, day = firstDay(json(await it.dossier.read(path), path), grant);
    if (day === undefined) unknown.push(milestone.id);
    if (!day) continue;
    const begins = midnight(day, it.about.zone);
    if (micros(it.about.as_of) <= begins) continue;
    own.forEach(({ leaf }, n) => {
      if (micros(leaf.at) < begins) return;
      const at = leaf.at.slice(0, 16).replace("T", " ");
      if (n > 0) {
        const request = requestOf(it, milestone.id, own[n]);
        if (request === undefined) fails(`terms/${own[n].said.digest}.json`, `the terms of ${milestone.id} were changed on ${at} UTC, after their window began (version ${n + 1}), and no change request that was approved before allows it`);
        changed.push(`${milestone.id} (version ${n + 1}, ${at.slice(0, 10)}, change request ${request})`);
        return;
      }
      late.push(`${milestone.id} (${at.slice(0, 10)})`);
    });
  }
  for (const path of used) if (!it.dossier.files.has(path)) fails(path, "the record names it, and it is not in the dossier");
  return [late.length ? `The terms were sealed only after their window had begun: ${late.join(", ")}.` : "",
    changed.length ? `The terms were changed after their window had begun: ${changed.join(", ")}.` : "",
    unknown.length ? `When the window begins cannot be told by this script: ${unknown.join(", ")}.` : ""].filter(Boolean).join(" ");
}
const folderOf = (agent) => {
  const plain = [...Buffer.from(agent)].map((byte) => /[A-Za-z0-9_.~-]/.test(String.fromCharCode(byte))
    ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`).join("");
  return `batches/${agent.replace(/\./g, "").trim() ? plain : agent.replaceAll(".", "%2E")}/`;
};
/** Of an agent: by which keys a batch that it sealed at a time is believed. */
function keysOf(it, agent) {
  const first = said(it, "agents").filter((row) => row.said.agent === agent).map((row) => [row.said.public_key]);
  const later = said(it, "agent_keys").filter((row) => row.said.agent === agent).sort((a, b) => a.said.id - b.said.id);
  const keys = [...first, ...later.map((row) => [row.said.public_key, micros(row.said.since)])];
  return (sealed) => keys.filter((_, n) => n + 1 === keys.length || sealed < keys[n + 1][1] + WEEK_US)
    .map(([key]) => Buffer.from(key, "hex"));
}
/** The batches of a file: a head of 24 bytes (length, received, latest; the highest byte first), then the batch. */
async function* batchesIn(it, path) {
  let have = [], length = 0, need = 24, inside = false;
  for await (const chunk of it.dossier.chunks(path)) {
    have.push(chunk);
    length += chunk.length;
    if (length < need) continue;
    let rest = Buffer.concat(have);
    while (rest.length >= need) {
      const piece = rest.subarray(0, need);
      rest = rest.subarray(need);
      if (inside) yield piece;
      need = inside ? 24 : Number(piece.readBigUInt64BE(0));
      inside = !inside;
      if (need > BATCH_MAX) fails(path, "this is no file of sealed batches");
    }
    [have, length] = [[rest], rest.length];
  }
  if (length || inside) fails(path, "this is no file of sealed batches, or it was cut off");
}
function readBatch(data) {
  const magic = "lineproof-batch/1\n", headerEnd = data.indexOf(10, magic.length), end = data.indexOf(10, headerEnd + 1);
  if (data.toString("latin1", 0, magic.length) !== magic || headerEnd < 0 || end < 0) return null;
  const line = data.subarray(magic.length, headerEnd), signature = base64(data.toString("latin1", headerEnd + 1, end));
  try {
    const header = JSON.parse(line.toString("utf8"));
    const fits = signature && Number.isSafeInteger(header.number) && header.number > 0 && Number.isSafeInteger(header.sealed_at)
      && DIGEST.test(header.previous) && DIGEST.test(header.payload_digest);
    return fits ? { header, signature, digest: hex(line), signed: data.subarray(0, headerEnd), payload: data.subarray(end + 1) } : null;
  } catch { return null; }
}
/** One pass over all batches: what it finds of signatures and of chains are two checks. */
async function readBatches(it) {
  const found = { signatures: null, chains: null, count: 0 };
  const broken = (path, says) => { found.chains ??= new DoesNotHold(path, says); };
  const folders = new Map(it.about.agents.map((agent) => [folderOf(agent), agent]));
  const hasContent = !it.about.confidential.includes("raw_samples");
  try {
    for (const path of it.dossier.under("batches/"))
      if (!folders.has(path.slice(0, path.lastIndexOf("/") + 1))) fails(path, "the dossier names no agent that this is of");
    for (const [folder, agent] of folders) {
      const heads = new Map(it.leaves.filter(({ leaf }) => leaf?.kind === "chain_head" && leaf.agent === agent).map(({ leaf }) => [leaf.number, leaf.digest]));
      let [number, digest, path] = [0, "0".repeat(64), folder];
      const believed = keysOf(it, agent);
      for (path of it.dossier.under(folder))
        for await (const data of batchesIn(it, path)) {
          const batch = readBatch(data) ?? fails(path, "a batch of this file cannot be read");
          const { header } = batch, name = `batch ${header.number} of ${agent}`;
          const keys = header.agent === agent ? believed(header.sealed_at) : [];
          if (!keys.length) fails(path, `${name}: no agent of that name has a key in the record`);
          if (!keys.some((key) => ed25519(key, batch.signature, batch.signed))) fails(path, `${name}: it is not signed by a key that its agent had`);
          if (hasContent && hex(batch.payload) !== header.payload_digest) fails(path, `${name}: its content is not what its agent signed`);
          if (header.number <= number) broken(path, `${name}: it is there twice, or not in its place`);
          else if (header.number > number + 1) broken(path, `${name}: batches before it are missing`);
          else if (header.previous !== digest) broken(path, `${name}: it does not follow the batch before it`);
          if (heads.has(header.number) && heads.get(header.number) !== batch.digest) broken(path, `${name} is not the one that the ledger has seen`);
          [number, digest] = [header.number, batch.digest];
          found.count++;
        }
      const newest = [...heads.keys()].reduce((a, b) => Math.max(a, b), 0);
      if (number !== newest) broken(path, `the batches of ${agent} end with number ${number}; the ledger has seen number ${newest}`);
    }
  } catch (error) { found.signatures = error; }
  return found;
}
const held = (failed, says) => { if (failed) throw failed; return says; };
function attachments(it) {
  const removed = new Set(), gone = []; // bytes that were removed after the days for which they had to be kept
  for (const { said: act } of said(it, "document_acts"))
    if (act.act === "removal") removed.add(act.sha256);
    else if (act.act === "return") removed.delete(act.sha256);
  const named = new Map();
  for (const { said: document } of said(it, "documents"))
    if (removed.has(document.sha256)) gone.push(document.file_name);
    else named.set(`attachments/${document.sha256}/${document.file_name}`, document.sha256);
  for (const [path, digest] of named) {
    if (!it.dossier.files.has(path)) fails(path, "the record names this document, and it is not there");
    if (it.digests.get(path) !== digest) fails(path, "it is not the document that was attached: it was changed");
  }
  for (const path of it.dossier.under("attachments/")) if (!named.has(path)) fails(path, "nobody attached this document");
  return [named.size && `Documents: ${named.size}.`, gone.length && `Removed after they were kept: ${gone.join(", ")}.`].filter(Boolean).join(" ");
}

// ---- All of it ---------------------------------------------------------------------------------

async function check(path, options) {
  const dossier = new Dossier(path), outcome = { verified: true, failed: null, checks: [] };
  const make = async (name, made) => {
    let ok = true, says = "", where = "";
    try { says = (await made()) ?? ""; } catch (error) {
      if (error instanceof Unusable) throw error;
      const isTold = error instanceof DoesNotHold; // else something in it has not the form that it must have
      [ok, says, where] = [false, isTold ? error.message : `it has not the form of a dossier's (${error.message})`, error.path ?? ""];
      outcome.failed ??= { check: name, path: where, says };
      outcome.verified = false;
    }
    outcome.checks.push({ check: name, ok, says });
  };
  const it = { dossier, options };
  const ledger = { manifest, checkpoint_signature: checkpointSignature, witnesses, timestamps, inclusion, consistency };
  for (const [name, made] of Object.entries(ledger)) {
    if (name === "manifest") it.about = readAbout(json(await dossier.read("project.json"), "project.json"));
    await make(name, () => made(it));
    if (!outcome.verified) break; // behind it nothing is worth a look
  }
  if (outcome.verified) {
    await make("terms_before_window", () => termsBeforeWindow(it));
    const batches = await readBatches(it), isKept = it.about.confidential.includes("raw_samples");
    await make("batch_signatures", () => held(batches.signatures, `Batches: ${batches.count}.${isKept ? " Raw data stay at the factory: what they say is not in the dossier." : ""}`));
    if (!batches.signatures || batches.chains) await make("batch_chains", () => held(batches.chains));
    await make("attachments", () => attachments(it));
  }
  closeSync(dossier.fd);
  return { ...outcome, not_checked: NOT_CHECKED, recomputed: { milestones: 0, days: 0, of_days: 0 } };
}
function readAbout(about) {
  if (about?.format !== "lineproof-dossier/1") throw new Unusable("project.json: this dossier is not of the format lineproof-dossier/1");
  const texts = [about.project, about.zone, about.as_of], lists = [about.agents, about.confidential, about.milestones];
  if (!texts.every((it) => typeof it === "string") || !lists.every(Array.isArray) || Number.isNaN(micros(about.as_of)))
    throw new Unusable("project.json: it does not say what a dossier is of");
  return about;
}
function say(outcome) {
  for (const { check, ok, says } of outcome.checks) console.log(`${ok ? "holds" : "DOES NOT HOLD"}: ${check}${says && `: ${says}`}`);
  console.log(`not checked here: ${outcome.not_checked.join(", ")}`);
  const { failed } = outcome;
  console.log(failed ? `not verified: ${failed.check}: ${failed.path}: ${failed.says}` : "verified, but for what is not checked here");
}
async function main(given) {
  const options = { seen: [], json: false, policy: null }, files = [];
  for (let n = 0; n < given.length; n++) {
    if (given[n] === "--json") options.json = true;
    else if (given[n] === "--policy" && given[n + 1]) options.policy = given[++n];
    else if (given[n] === "--seen" && given[n + 1]) options.seen.push(given[++n]);
    else files.push(given[n]);
  }
  if (files.length !== 1 || files[0].startsWith("--")) throw new Unusable("usage: node verify.mjs FILE.zip [--policy FILE] [--seen FILE]… [--json]");
  const outcome = await check(files[0], options);
  if (options.json) console.log(JSON.stringify(outcome, null, 2));
  else say(outcome);
  return outcome.verified ? 0 : 1;
}
try { process.exitCode = await main(process.argv.slice(2)); } catch (error) {
  if (!(error instanceof Unusable || error instanceof DoesNotHold)) throw error;
  console.error(error.path ? `${error.path}: ${error.message}` : error.message);
  process.exitCode = 2;
}
