// What the reader sees: chooses files, makes the checks in their order, shows each as it comes.

const CHECKS = ["manifest", "checkpoint_signature", "witnesses", "timestamps", "inclusion", "consistency", "terms_before_window", "batch_signatures",
  "batch_chains", "facts_from_batches", "corrections", "decisions", "verdicts_from_facts", "attachments", "report"];
const ELSEWHERE = ["facts_from_batches", "corrections", "decisions", "report"]; // lineproof verify makes them
const OF_LEDGER = CHECKS.slice(0, 6); // where one of these does not hold, nothing behind it is worth a look
const MARKS = { ok: "✓", fails: "✗", skipped: "–", running: "…" };

const page = { language: LANGUAGES.map(([code]) => code).find((code) => code === location.hash.slice(1)) ?? ofBrowser(), given: {}, outcome: null, run: 0 };
function ofBrowser() {
  const wanted = navigator.language;
  if (!wanted.startsWith("zh")) return "en";
  return /Hant|TW|HK|MO/i.test(wanted) ? "zh-Hant" : "zh-Hans";
}
function say(key, values = {}) {
  const text = WORDS[key][LANGUAGES.findIndex(([code]) => code === page.language)];
  return text.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
}
function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined) made.setAttribute(name, value);
  made.append(...children);
  return made;
}
const byId = (id) => document.getElementById(id);

async function check(given, show) {
  const outcome = { results: new Map(), first: null, evidence: null };
  const tell = (name, state, says, values = {}, path = "") => {
    outcome.results.set(name, { state, says, values, path });
    if (state === "fails") outcome.first ??= { name, path, says, values };
    show(outcome);
  };
  const zip = await Zip.open(given.dossier);
  if (!zip.has("project.json") || !zip.has(MANIFEST)) throw new Unfit(given.dossier.name, "no_dossier");
  const about = await zip.json("project.json");
  const isAbout = about?.format === "lineproof-dossier/1" && [about.agents, about.confidential, about.milestones, about.lines].every(Array.isArray)
    && [about.project, about.zone, about.as_of].every((it) => typeof it === "string") && !Number.isNaN(microsOf(about.as_of));
  if (!isAbout) throw new Unfit("project.json", "no_dossier");
  const evidence = { zip, given, about };
  outcome.evidence = evidence;
  const total = [...zip.entries.values()].reduce((sum, it) => sum + it.size, 0);
  let read = 0;
  zip.onBytes = (count) => { read += count; page.share = Math.min(99, Math.floor((100 * read) / (2 * total))); show(outcome); };
  const isKept = about.confidential.includes("raw_samples");
  let batches = null;
  const making = {
    manifest: checkManifest, checkpoint_signature: checkSignature, witnesses: checkWitnesses, timestamps: checkTimestamps, inclusion: checkInclusion,
    consistency: checkConsistency, terms_before_window: checkTerms, verdicts_from_facts: checkVerdicts, attachments: checkAttachments,
    batch_signatures: async () => {
      batches = await readBatches(evidence);
      if (batches.signatures) throw batches.signatures;
      return [isKept ? "batches_kept" : "batches", { count: batches.count }];
    },
    batch_chains: () => {
      if (batches.chains) throw batches.chains;
      if (batches.signatures) throw new NotHere("behind");
      return ["chained", {}];
    },
  };
  for (const name of CHECKS) {
    if (ELSEWHERE.includes(name)) { tell(name, "skipped", isKept && name === "facts_from_batches" ? "kept_home" : "made_elsewhere"); continue; }
    const isStopped = OF_LEDGER.some((it) => outcome.results.get(it)?.state === "fails") || (name === "verdicts_from_facts" && !(evidence.terms && evidence.project));
    if (isStopped) { tell(name, "skipped", "behind"); continue; }
    tell(name, "running", null);
    try { tell(name, "ok", ...await making[name](evidence)); } catch (error) {
      if (error instanceof NotHere) tell(name, "skipped", error.says, error.values);
      else if (error instanceof Broken) tell(name, "fails", error.says, error.values, error.path);
      else if (error?.name === "NotSupportedError") throw new Unfit("", "no_ed25519");
      else tell(name, "fails", "odd_form", { why: String(error?.message ?? error) });
    }
  }
  return outcome;
}

function showResults(outcome) {
  byId("results").hidden = false;
  const list = CHECKS.map((name) => {
    const { state = "skipped", says, values, path } = outcome.results.get(name) ?? {};
    const sentence = says ? (path ? `${path}: ${say(says, values)}` : say(says, values)) : "";
    const mark = element("span", { class: "mark", "aria-hidden": "true" }, MARKS[state]);
    const words = element("span", { class: "words" }, element("b", {}, say(name)), element("code", {}, name), element("span", { class: "says" }, sentence));
    return element("li", { "data-check": name, "data-state": outcome.results.has(name) ? state : "waiting" }, mark, words,
      element("span", { class: "state" }, outcome.results.has(name) ? say(state) : ""));
  });
  byId("checks").replaceChildren(...list);
}
function showBanner(outcome) {
  const banner = byId("banner");
  banner.dataset.state = outcome.error ? "fails" : outcome.first ? "fails" : "ok";
  const left = CHECKS.filter((name) => outcome.results?.get(name)?.state === "skipped").map((name) => say(name));
  let lines;
  if (outcome.error) lines = [say("unfit"), `${outcome.error.path ? `${outcome.error.path}: ` : ""}${say(outcome.error.says, outcome.error.values)}`];
  else if (outcome.first) lines = [say("broken"), say("first", { check: say(outcome.first.name), path: outcome.first.path, says: say(outcome.first.says, outcome.first.values) })];
  else lines = [say("holds_all"), left.length ? say("holds_part", { left: left.join(page.language === "en" ? ", " : "、") }) : ""];
  const { about } = outcome.evidence ?? {};
  if (about && !outcome.error) lines.push(say("of_project", { project: about.project, as_of: about.as_of.slice(0, 16).replace("T", " ") + " UTC" }));
  banner.replaceChildren(element("h2", {}, lines[0]), ...lines.slice(1).filter(Boolean).map((line) => element("p", {}, line)));
  banner.hidden = false;
}
function figure(value) {
  if (value === null || value === undefined) return "–";
  const digits = Math.abs(value) >= 100000 ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: 6 };
  return value.toLocaleString(page.language, digits);
}
const range = (low, high) => (low === null && high === null ? "–" : `${figure(low)} – ${figure(high)}`);
function showVerdicts(outcome) {
  const found = outcome.evidence?.verdicts ?? [];
  byId("verdicts").hidden = !found.length;
  const heads = ["milestone", "status", "value", "bounds", "target", "coverage", "anew"].map((name) => element("th", { scope: "col" }, say(name)));
  const rows = found.map(({ row, made, differs }) => {
    const state = !made ? "skipped" : differs ? "fails" : "ok", title = row.title?.[page.language] ?? row.title?.en ?? "";
    const anew = !made ? say("not_here") : differs ? say("other", { name: differs[0] }) : say(isOpen(row.status) && row.forecast ? "same_open" : "same");
    return element("tr", { "data-milestone": row.id, "data-state": state }, element("th", { scope: "row" }, `${row.id} ${title}`),
      element("td", {}, Object.hasOwn(WORDS, row.status) ? say(row.status) : String(row.status)), element("td", {}, figure(row.value)), element("td", {}, range(row.low, row.high)),
      element("td", {}, row.target === null ? "–" : `${{ ">=": "≥", "<=": "≤" }[row.op] ?? ""} ${figure(row.target)}`), element("td", {}, figure(row.coverage)),
      element("td", { class: "anew" }, `${MARKS[state]} ${anew}`));
  });
  byId("table").replaceChildren(element("thead", {}, element("tr", {}, ...heads)), element("tbody", {}, ...rows));
}
function showWords() {
  document.documentElement.lang = page.language;
  document.title = `${say("title")} · Lineproof`;
  for (const it of document.querySelectorAll("[data-say]")) it.textContent = say(it.dataset.say);
  for (const it of document.querySelectorAll("[data-language]")) it.setAttribute("aria-pressed", String(it.dataset.language === page.language));
  for (const name of ["policy", "seen"]) byId(`${name}-name`).textContent = page.given[name]?.name ?? say("nothing_chosen");
  if (page.outcome) showOutcome(page.outcome);
}
function showOutcome(outcome) {
  showBanner(outcome);
  if (outcome.results) { showResults(outcome); showVerdicts(outcome); }
}
async function run() {
  if (!page.given.dossier) return;
  const run = (page.run += 1), progress = byId("progress");
  let shown = 0;
  page.outcome = null;
  page.share = 0;
  for (const id of ["banner", "results", "verdicts"]) byId(id).hidden = true;
  document.body.dataset.done = "false";
  const show = (outcome) => {
    if (run !== page.run || performance.now() - shown < 100) return;
    shown = performance.now();
    progress.textContent = say("checking", { name: page.given.dossier.name, share: page.share });
    showResults(outcome);
  };
  let outcome;
  try { outcome = await check(page.given, show); } catch (error) {
    outcome = { error: error instanceof Broken ? error : new Unfit("", "odd_form", { why: String(error?.message ?? error) }) };
  }
  if (run !== page.run) return; // another dossier was chosen meanwhile
  progress.textContent = "";
  page.outcome = outcome;
  showOutcome(outcome);
  document.body.dataset.done = "true";
}
function choose(name, file) {
  if (!file) return;
  page.given[name] = file;
  showWords();
  run();
}
function start() {
  byId("languages").append(...LANGUAGES.map(([code, name]) => {
    const button = element("button", { type: "button", lang: code, "data-language": code }, name);
    button.addEventListener("click", () => { page.language = code; showWords(); });
    return button;
  }));
  for (const name of ["dossier", "policy", "seen"]) {
    byId(name).addEventListener("click", (event) => { event.target.value = ""; }); // the same file again is a choice, too
    byId(name).addEventListener("change", (event) => choose(name, event.target.files[0]));
  }
  const drop = byId("drop");
  for (const kind of ["dragover", "drop"]) document.addEventListener(kind, (event) => event.preventDefault());
  document.addEventListener("dragover", () => drop.classList.add("over"));
  document.addEventListener("dragleave", () => drop.classList.remove("over"));
  document.addEventListener("drop", (event) => { drop.classList.remove("over"); choose("dossier", event.dataTransfer.files[0]); });
  showWords();
}
start();
