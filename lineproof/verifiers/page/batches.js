// Sealed batches (docs/evidence-format.md, "Batches"), documents, and when terms were sealed.

const HEAD_BYTES = 24, BATCH_BYTES_MAX = 2 ** 30, KEY_OVERLAP_US = 7 * 86400 * 1e6;

function folderName(agent) {
  const plain = encodeURIComponent(agent).replace(/[!'()*]/g, (it) => `%${it.charCodeAt(0).toString(16).toUpperCase()}`);
  return /^\.+$/.test(agent) ? agent.replaceAll(".", "%2E") : plain;
}
/** The agent's keys in the order in which they followed each other, each with when it ended. */
function keysOfAgent(rows, agent) {
  const mine = (of) => rows.filter((it) => it.of === of && it.says.agent === agent).map((it) => it.says);
  const all = [...mine("agents"), ...mine("agent_keys").sort((one, other) => one.id - other.id)];
  return all.map((it, n) => ({ key: fromHex(it.public_key), until: n + 1 < all.length ? microsOf(all[n + 1].since) + KEY_OVERLAP_US : Infinity }));
}
/** The file's batches. Where it is cut off, or none of batches, it does not hold. */
async function* batchesOf(zip, path) {
  let kept = [], size = 0, wanted = HEAD_BYTES, isHead = true;
  for await (const piece of zip.pieces(path)) {
    kept.push(piece);
    size += piece.length;
    if (size < wanted) continue;
    const all = joined(kept);
    let at = 0;
    while (all.length - at >= wanted) {
      const part = all.subarray(at, at + wanted);
      at += wanted;
      if (isHead) wanted = Number(new DataView(part.buffer, part.byteOffset).getBigUint64(0));
      else { yield part; wanted = HEAD_BYTES; }
      isHead = !isHead;
      if (wanted > BATCH_BYTES_MAX) throw new Broken(path, "no_batches");
    }
    kept = [all.slice(at)];
    size = all.length - at;
  }
  if (size || !isHead) throw new Broken(path, "no_batches");
}
function readBatch(data) {
  const first = data.indexOf(10), second = data.indexOf(10, first + 1), third = data.indexOf(10, second + 1);
  if (first < 0 || second < 0 || third < 0) return null;
  try {
    const text = (from, to) => new TextDecoder("utf-8", { fatal: true }).decode(data.subarray(from, to));
    const header = JSON.parse(text(first + 1, second)), signature = fromBase64(text(second + 1, third));
    const isNumber = Number.isSafeInteger(header.number) && header.number > 0 && Number.isSafeInteger(header.sealed_at);
    if (text(0, first) !== "lineproof-batch/1" || !isNumber || !signature) return null;
    return { header, signature, signed: data.subarray(0, second), digest: toHex(sha(data.subarray(first + 1, second))), payload: data.subarray(third + 1) };
  } catch { return null; }
}
/** What is broken of signatures and of chains (null: nothing), and how many batches there are. */
async function readBatches(evidence) {
  const found = { signatures: null, chains: null, count: 0 }, { zip, about, rows, leaves } = evidence;
  const folders = new Map(about.agents.map((agent) => [`batches/${folderName(agent)}/`, agent]));
  try {
    for (const path of zip.under("batches/"))
      if (![...folders.keys()].some((folder) => path.startsWith(folder))) throw new Broken(path, "no_agent");
    for (const [folder, agent] of folders) {
      const heads = leaves.filter(({ leaf }) => leaf?.kind === "chain_head" && leaf.agent === agent).map(({ leaf }) => leaf);
      await readAgent(evidence, folder, agent, keysOfAgent(rows, agent), heads, found);
    }
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    found.signatures = error;
  }
  return found;
}
async function readAgent({ zip, about }, folder, agent, keys, heads, found) {
  const hasContent = !about.confidential.includes("raw_samples"), digests = new Map(heads.map((it) => [it.number, it.digest]));
  const newest = heads.reduce((most, it) => Math.max(most, it.number), 0);
  let last = { number: 0, digest: "0".repeat(64) }, path = folder;
  const breaks = (says, number) => { found.chains ??= new Broken(path, says, { number, agent, newest }); };
  for (path of zip.under(folder))
    for await (const data of batchesOf(zip, path)) {
      const batch = readBatch(data);
      if (!batch) throw new Broken(path, "no_batch");
      const { number, previous, sealed_at: sealed, payload_digest: payload } = batch.header, values = { number, agent };
      let isSigned = false;
      if (batch.header.agent === agent)
        for (const { key, until } of keys) isSigned ||= sealed < until && await isSignedBy(key, batch.signature, batch.signed);
      if (!isSigned) throw new Broken(path, "batch_unsigned", values);
      if (hasContent && toHex(sha(batch.payload)) !== payload) throw new Broken(path, "batch_changed", values);
      if (number !== last.number + 1) breaks(number > last.number ? "batch_gap" : "batch_twice", number);
      else if (previous !== last.digest) breaks("batch_unchained", number);
      if (digests.has(number) && digests.get(number) !== batch.digest) breaks("batch_not_seen", number);
      last = { number, digest: batch.digest };
      found.count += 1;
    }
  if (last.number !== newest) breaks("chain_ends", last.number);
}
function checkAttachments({ zip, rows, digests }) {
  const last = new Map(); // what was done last with a document's bytes
  for (const { of, says } of rows) if (of === "document_acts" && ["removal", "return"].includes(says.act)) last.set(says.sha256, says.act);
  const all = rows.filter((it) => it.of === "documents").map((it) => it.says), isGone = (it) => last.get(it.sha256) === "removal";
  const named = new Map(all.filter((it) => !isGone(it)).map((it) => [`attachments/${it.sha256}/${it.file_name}`, it.sha256]));
  for (const [path, digest] of named) {
    if (!zip.has(path)) throw new Broken(path, "document_gone");
    if (digests.get(path) !== digest) throw new Broken(path, "document_changed");
  }
  for (const path of zip.under("attachments/")) if (!named.has(path)) throw new Broken(path, "document_more");
  const removed = all.filter(isGone).map((it) => it.file_name);
  return removed.length ? ["documents_removed", { count: named.size, which: removed.join(", ") }] : ["documents", { count: named.size }];
}

const dayText = (ms) => new Date(ms).toISOString().slice(0, 10);
const nextDay = (day, days = 1) => dayText(Date.parse(day) + days * 86400000);
/** The local day of a time in microseconds. */
function localDay(us, zone) {
  const parts = new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" });
  return parts.format(us / 1000);
}
/** When a local day begins, in microseconds. */
function dayBegins(day, zone) {
  const parts = new Intl.DateTimeFormat("en-CA", { timeZone: zone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit" });
  const wanted = Date.parse(`${day}T00:00:00Z`);
  let at = wanted;
  for (let n = 0; n < 3; n++) at += wanted - Date.parse(`${parts.format(at).replace(", ", "T")}Z`);
  return at * 1000;
}
/** The first day whose data count for the terms; null: of no day. */
function windowBegins(terms, project) {
  if (terms.kind === "output") return terms.start ?? terms.window.start ?? project.start;
  if (terms.kind === "operating") return terms.window?.start ?? nextDay(project.end);
  if (terms.kind === "commissioned") return project.start;
  if (terms.kind !== "kpi") return null;
  if (terms.window.start) return terms.window.start;
  return terms.target === undefined && terms.baseline ? terms.baseline.start : project.start;
}
/** The number of the change request that a version of terms carries out; null: none was approved before it. */
function requestOf(rows, about, milestone, terms) {
  const files = rows.filter((it) => it.of === "project_versions" && it.says.owner === about.project);
  const place = files.findIndex((it) => it.says.id === terms.says.project_version), before = rows.slice(0, rows.indexOf(terms));
  const named = (file) => YamlReader.read(file.says.text).change_requests ?? [], earlier = new Set(files.slice(0, Math.max(place, 0)).flatMap(named));
  const isOf = (it, of) => it.of === of && it.says.project === about.project;
  const isAsked = (number) => before.some((it) => isOf(it, "change_requests") && it.says.number === number
    && ["scope", "dates"].includes(it.says.kind) && ["", milestone].includes(it.says.milestone));
  const isApproved = (number) => before.some((it) => isOf(it, "change_decisions") && it.says.request === number && it.says.approved === true);
  if (place < 1) return null;
  return named(files[place]).find((number) => !earlier.has(number) && isAsked(number) && isApproved(number)) ?? null;
}
async function checkTerms(evidence) {
  const { zip, about, rows, digests } = evidence, late = [], changed = [];
  const versions = rows.filter((it) => it.of === "terms_versions" && it.says.project === about.project);
  const known = new Set(versions.map((it) => it.says.digest));
  for (const path of zip.under("terms/")) {
    const digest = path.slice(6, -5);
    if (!known.has(digest) || digests.get(path) !== digest) throw new Broken(path, "not_the_record");
  }
  for (const digest of known) if (!zip.has(`terms/${digest}.json`)) throw new Broken(`terms/${digest}.json`, "not_there");
  checkPlantFiles(evidence, await Promise.all(zip.under("plants/").map(async (path) => [path, await zip.json(path)])));
  let unread = null; // why the files of plant and grant are not understood here
  try { evidence.project = readProject(evidence); } catch (error) { if (error instanceof NotHere) unread = error; else throw error; }
  evidence.terms = new Map();
  for (const milestone of about.milestones) {
    const own = versions.filter((it) => it.says.milestone === milestone.id), path = `terms/${milestone.terms}.json`;
    if (own.at(-1)?.says.digest !== milestone.terms) throw new Broken(LEAVES, "no_terms_leaf", { milestone: milestone.id });
    const terms = await zip.json(path), day = unread ? null : windowBegins(terms, evidence.project);
    evidence.terms.set(milestone.id, terms);
    if (!day || microsOf(about.as_of) <= dayBegins(day, about.zone)) continue;
    own.forEach(({ at, told }, n) => {
      if (at < dayBegins(day, about.zone)) return;
      const values = { milestone: milestone.id, at: `${told.slice(0, 10)} ${told.slice(11, 16)} UTC`, version: n + 1 };
      if (n > 0) {
        const request = requestOf(rows, about, milestone.id, own[n]);
        if (request === null) throw new Broken(`terms/${own[n].says.digest}.json`, "terms_changed_late", values);
        changed.push(`${milestone.id} (${told.slice(0, 10)}, ${request})`);
        return;
      }
      late.push(`${milestone.id} (${told.slice(0, 10)})`);
    });
  }
  if (unread) throw unread;
  if (changed.length) return ["terms_changed", { which: changed.join(", ") }];
  return late.length ? ["terms_late", { which: late.join(", ") }] : ["terms_in_time", {}];
}
function checkPlantFiles({ rows }, files) {
  const told = new Map(rows.filter((it) => it.of === "plant_versions").map(({ says }) => [`plants/${says.digest}.json`, says.text]));
  for (const [path, file] of files) if (told.get(path) !== file.text) throw new Broken(path, "not_the_record");
  for (const path of told.keys()) if (!files.some(([name]) => name === path)) throw new Broken(path, "not_there");
}
