// What vouches for what: manifest, signed notes, policies, the Merkle tree. Each check is given the
// evidence so far, adds to it, and gives what is to be known beside it: [key of words.js, values].

const MANIFEST = "MANIFEST.sha256", CHECKPOINT = "ledger/checkpoint", LEAVES = "ledger/leaves.jsonl";

function manifestText(digests) {
  return [...digests.entries()].sort(([a], [b]) => compareBytes(a, b)).map(([path, digest]) => `${digest}  ${path}\n`).join("");
}
async function checkManifest(evidence) {
  const { zip } = evidence, text = await zip.text(MANIFEST), digests = new Map();
  for (const line of text.split("\n")) {
    const found = /^([0-9a-f]{64}) {2}(\S.*)$/.exec(line);
    if (found) digests.set(found[2], found[1]);
  }
  if (manifestText(digests) !== text) throw new Broken(MANIFEST, "no_manifest");
  for (const path of zip.entries.keys()) if (path !== MANIFEST && !digests.has(path)) throw new Broken(path, "not_in_manifest");
  for (const path of digests.keys()) if (!zip.has(path)) throw new Broken(path, "not_there");
  for (const [path, digest] of digests) if (await zip.digest(path) !== digest) throw new Broken(path, "changed");
  evidence.digests = digests;
  return ["files", { count: digests.size }];
}

async function isSignedBy(key, signature, signed) {
  if (key.length !== 32) return false;
  const imported = await crypto.subtle.importKey("raw", key, "Ed25519", false, ["verify"]);
  return crypto.subtle.verify("Ed25519", imported, signature, signed);
}
/** A verifier key: name+id+base64 of kind and key. */
function readKey(text) {
  const [name, id, ...rest] = (text ?? "").split("+"), data = fromBase64(rest.join("+"));
  if (!name || !data || data.length < 2) return null;
  return toHex(sha(`${name}\n`, data).subarray(0, 4)) === id ? { name, id, kind: data[0], key: data.subarray(1), text } : null;
}
function readPolicy(text, path) {
  const logs = [], witnesses = [], voters = new Map();
  let quorum = null;
  const wrong = (line) => { throw new Broken(path, "no_policy", { line: line.slice(0, 120) }); };
  const newName = (name, line) => (name === "none" || voters.has(name) ? wrong(line) : name);
  for (const line of text.split("\n")) {
    const words = line.split(/[ \t]+/).filter(Boolean);
    if (!words.length || words[0].startsWith("#")) continue;
    if (words[0] === "log") logs.push(readKey(words[1]) ?? wrong(line));
    else if (words[0] === "witness") {
      const key = readKey(words[2]) ?? wrong(line);
      witnesses.push(key);
      voters.set(newName(words[1], line), (seen) => seen.has(key.text));
    } else if (words[0] === "group" && words.length > 3) {
      const members = words.slice(3).map((name) => voters.get(name) ?? wrong(line));
      const needed = words[2] === "any" ? 1 : words[2] === "all" ? members.length : wholeNumber(words[2]);
      if (!needed || needed > members.length) wrong(line);
      voters.set(newName(words[1], line), (seen) => members.filter((vote) => vote(seen)).length >= needed);
    } else if (words[0] === "quorum" && words.length === 2 && !quorum)
      quorum = words[1] === "none" ? () => true : voters.get(words[1]) ?? wrong(line);
    else wrong(line);
  }
  return { logs, witnesses, quorum: quorum ?? wrong("quorum") };
}
function readNote(text, path) {
  const cut = text.lastIndexOf("\n\n"), none = () => { throw new Broken(path, "no_note"); };
  if (cut < 0 || !text.endsWith("\n")) none();
  const signed = text.slice(0, cut + 1), [origin, size, root, ...more] = signed.slice(0, -1).split("\n");
  const signatures = text.slice(cut + 2, -1).split("\n").map((line) => {
    const words = /^— ([^ +]+) ([A-Za-z0-9+/=]+)$/.exec(line), data = words && fromBase64(words[2]);
    return data?.length > 4 ? { name: words[1], id: toHex(data.subarray(0, 4)), signature: data.subarray(4) } : none();
  });
  const note = { signed, signatures, origin, size: wholeNumber(size), root: fromBase64(root ?? "") };
  if (!origin || note.size === null || note.root?.length !== 32 || more.includes("")) none();
  return note;
}
async function requireSigned(note, policy, path) {
  const known = policy.logs.filter((key) => key.kind === 1 && key.name === note.origin);
  if (!known.length) throw new Broken(path, "not_trusted", { origin: note.origin });
  let signed = false;
  for (const { name, id, signature } of note.signatures)
    for (const key of known.filter((it) => it.name === name && it.id === id)) {
      if (!await isSignedBy(key.key, signature, utf8(note.signed))) throw new Broken(path, "wrong_signature", { name });
      signed = true;
    }
  if (!signed) throw new Broken(path, "nobody_signed");
}
async function checkSignature(evidence) {
  const { zip, given } = evidence, own = "ledger/policy";
  evidence.note = readNote(await zip.text(CHECKPOINT), CHECKPOINT);
  evidence.policy = given.policy
    ? readPolicy(textOf(new Uint8Array(await given.policy.arrayBuffer()), given.policy.name), given.policy.name)
    : readPolicy(await zip.text(own), own);
  await requireSigned(evidence.note, evidence.policy, CHECKPOINT);
  return given.policy ? ["your_policy", {}] : ["own_policy", {}];
}
async function checkWitnesses({ note, policy }) {
  const seen = new Set();
  for (const key of policy.witnesses.filter((it) => it.kind === 4))
    for (const it of note.signatures.filter((each) => each.name === key.name && each.id === key.id && each.signature.length === 72)) {
      const time = new DataView(it.signature.buffer, it.signature.byteOffset).getBigUint64(0);
      const text = `cosignature/v1\ntime ${time}\n${note.signed}`;
      if (await isSignedBy(key.key, it.signature.subarray(8), utf8(text))) seen.add(key.text);
    }
  if (!policy.quorum(seen)) throw new Broken(CHECKPOINT, "no_quorum", { count: seen.size });
  return policy.witnesses.length ? ["witnessed", { count: seen.size }] : ["no_witness", {}];
}

const hashOfLeaf = (bytes) => sha(Uint8Array.of(0), bytes);
const hashOfPair = (left, right) => sha(Uint8Array.of(1), left, right);
/** The root of these leaves: RFC 6962, 2.1, as it is written there. */
function treeRoot(hashes, from = 0, to = hashes.length) {
  if (to === from) return sha("");
  if (to - from === 1) return hashes[from];
  let half = 1;
  while (half * 2 < to - from) half *= 2;
  return hashOfPair(treeRoot(hashes, from, from + half), treeRoot(hashes, from + half, to));
}
/** The root that a leaf's path leads to; null where the path has not its length. */
function rootByPath(hash, index, size, path) {
  const steps = [...path];
  const climb = (at, from, to) => { // the root of the leaves from…to, of which one is at
    if (to - from === 1) return hash;
    let half = 1;
    while (half * 2 < to - from) half *= 2;
    const isLeft = at < from + half;
    const inner = isLeft ? climb(at, from, from + half) : climb(at, from + half, to);
    const other = steps.shift();
    if (!inner || !other) return null;
    return isLeft ? hashOfPair(inner, other) : hashOfPair(other, inner);
  };
  const root = index < size ? climb(index, 0, size) : null;
  return steps.length ? null : root;
}
const LEAF_KEYS = { chain_head: "agent,at,digest,kind,number", dossier: "at,digest,kind,number", record: "at,content,digest,kind,number,of" };
function readLeaf(text) {
  const leaf = JSON.parse(text);
  const fits = JSON.stringify(leaf) === text && LEAF_KEYS[leaf.kind] === Object.keys(leaf).join() && Number.isSafeInteger(leaf.number)
    && leaf.number > 0 && !Number.isNaN(microsOf(leaf.at)) && /^[0-9a-f]{64}$/.test(leaf.digest);
  if (!fits) throw new SyntaxError("no leaf");
  return leaf;
}
function readLine(line, index) {
  try {
    const said = JSON.parse(line);
    if (said.index !== index) throw new SyntaxError("no index");
    if (said.hash !== undefined) {
      const hash = fromBase64(said.hash);
      if (hash?.length !== 32 || Object.keys(said).length !== 2) throw new SyntaxError("no hash");
      return { hash };
    }
    return { hash: hashOfLeaf(utf8(said.leaf)), leaf: readLeaf(said.leaf), row: said.row };
  } catch { throw new Broken(LEAVES, "no_leaf", { line: index + 1 }); }
}
async function checkInclusion(evidence) {
  const { zip, note } = evidence, lines = (await zip.text(LEAVES)).split("\n");
  if (lines.pop() !== "") throw new Broken(LEAVES, "no_leaf", { line: lines.length + 1 });
  const leaves = lines.map(readLine);
  if (leaves.length !== note.size || !isSame(treeRoot(leaves.map((it) => it.hash)), note.root)) throw new Broken(LEAVES, "other_root");
  evidence.leaves = leaves;
  evidence.rows = [];
  let count = 0;
  leaves.forEach(({ leaf, row }, index) => {
    if (leaf?.kind !== "record") return;
    count += 1;
    if (leaf.number !== count) throw new Broken(LEAVES, "row_missing", { number: count });
    if (row === undefined) return;
    if (toHex(sha(row)) !== leaf.content) throw new Broken(LEAVES, "row_changed", { index, of: leaf.of });
    evidence.rows.push({ of: leaf.of, at: microsOf(leaf.at), told: leaf.at, says: JSON.parse(row) });
  });
  const inside = [...evidence.digests].filter(([path]) => !path.startsWith("ledger/") && !path.startsWith("timestamps/"));
  const wanted = toHex(sha(manifestText(new Map(inside))));
  const own = leaves.find(({ leaf }) => leaf?.kind === "dossier" && leaf.digest === wanted);
  if (!own) throw new Broken(MANIFEST, "no_dossier_leaf");
  if (own.leaf.number !== evidence.about.record) throw new Broken("project.json", "other_record");
  for (const path of zip.under("ledger/proofs/")) await checkProof(evidence, path);
  return ["rows", { count: evidence.rows.length, of: own.leaf.number }];
}
async function checkProof({ zip, policy, leaves }, path) {
  const text = await zip.text(path), cut = text.indexOf("\n\n"), lines = text.slice(0, Math.max(cut, 0)).split("\n");
  const [head, extra, place] = lines, steps = lines.slice(3).map(fromBase64);
  const leaf = extra?.startsWith("extra ") ? fromBase64(extra.slice(6)) : null;
  const index = place?.startsWith("index ") ? wholeNumber(place.slice(6)) : null;
  if (head !== "c2sp.org/tlog-proof@v1" || !leaf || index === null || steps.some((it) => it?.length !== 32)) throw new Broken(path, "no_proof");
  const note = readNote(text.slice(cut + 2), path), hash = hashOfLeaf(leaf);
  await requireSigned(note, policy, path);
  const root = rootByPath(hash, index, note.size, steps);
  if (!root || !isSame(root, note.root)) throw new Broken(path, "not_proved", { index });
  if (!leaves[index] || !isSame(leaves[index].hash, hash)) throw new Broken(path, "other_leaf");
}
async function checkConsistency({ given, policy, note, leaves }) {
  if (!given.seen) return ["no_earlier", {}];
  const start = new Uint8Array(await given.seen.slice(0, 2).arrayBuffer()), name = given.seen.name;
  const text = isSame(start, Uint8Array.of(0x50, 0x4b)) ? await (await Zip.open(given.seen)).text(CHECKPOINT) : await given.seen.text();
  const earlier = readNote(text, name), hashes = leaves.map((it) => it.hash);
  await requireSigned(earlier, policy, name);
  if (earlier.origin !== note.origin) throw new Broken(CHECKPOINT, "other_ledger", { name });
  if (earlier.size > hashes.length) throw new Broken(CHECKPOINT, "rolled_back", { name, earlier: earlier.size, size: hashes.length });
  if (!isSame(treeRoot(hashes, 0, earlier.size), earlier.root)) throw new Broken(CHECKPOINT, "forked", { name, earlier: earlier.size });
  return ["goes_on", { earlier: earlier.size, size: hashes.length }];
}
