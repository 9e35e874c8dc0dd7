// As much of YAML 1.2 as plant and grant files are written in: block and flow mappings and lists, plain
// and quoted texts, comments. What it does not know it refuses, so that nothing is read wrongly.

class YamlReader {
  constructor(text) {
    this.lines = [];
    let open = ""; // a flow collection that goes on over lines
    for (const raw of text.split(/\r?\n/)) {
      const line = YamlReader.withoutComment(raw);
      if (open) {
        open += ` ${line.trim()}`;
        if (!YamlReader.isOpen(open)) { this.lines.at(-1).text = open; open = ""; }
        continue;
      }
      if (!line.trim() || line === "---") continue;
      const indent = line.search(/\S/);
      this.lines.push({ indent, text: line.trim() });
      if (YamlReader.isOpen(line)) open = line.trim();
    }
    this.at = 0;
  }
  static read(text) {
    const reader = new YamlReader(text), value = reader.block(reader.lines[0]?.indent ?? 0);
    if (reader.at !== reader.lines.length) throw new SyntaxError("indentation");
    return value;
  }
  /** Walks over a text outside quotes. */
  static scan(text, visit) {
    let quote = "";
    for (let n = 0; n < text.length; n++) {
      const it = text[n];
      if (quote) {
        if (it === "\\" && quote === '"') n++;
        else if (it === quote) quote = "";
      } else if ((it === '"' || it === "'") && /(^|[\s[{,:])$/.test(text.slice(0, n))) quote = it;
      else if (visit(it, n) === false) return;
    }
  }
  static withoutComment(line) {
    let end = line.length;
    YamlReader.scan(line, (it, n) => { if (it === "#" && (n === 0 || /\s/.test(line[n - 1]))) { end = n; return false; } });
    return line.slice(0, end).trimEnd();
  }
  static isOpen(text) {
    let depth = 0;
    YamlReader.scan(text, (it) => { depth += "[{".includes(it) ? 1 : "]}".includes(it) ? -1 : 0; });
    return depth > 0;
  }
  static keyEnd(text) {
    let found = -1, depth = 0;
    YamlReader.scan(text, (it, n) => {
      depth += "[{".includes(it) ? 1 : "]}".includes(it) ? -1 : 0;
      if (it === ":" && !depth && (n + 1 === text.length || text[n + 1] === " ")) { found = n; return false; }
    });
    return found;
  }
  block(indent) {
    const line = this.lines[this.at];
    if (!line) return null;
    if (line.text === "-" || line.text.startsWith("- ")) return this.list(indent);
    return YamlReader.keyEnd(line.text) >= 0 ? this.mapping(indent) : YamlReader.value(this.lines[this.at++].text);
  }
  list(indent) {
    const found = [];
    while (this.lines[this.at]?.indent === indent && /^-( |$)/.test(this.lines[this.at].text)) {
      const line = this.lines[this.at], rest = line.text.slice(1).trimStart();
      if (!rest) { this.at++; found.push(this.nested(indent)); continue; }
      // What stands behind the dash is a block of its own, as deep as it stands.
      this.lines[this.at] = { indent: indent + line.text.length - rest.length, text: rest };
      found.push(this.block(this.lines[this.at].indent));
    }
    return found;
  }
  mapping(indent) {
    const found = {};
    while (this.lines[this.at]?.indent === indent && !/^-( |$)/.test(this.lines[this.at].text)) {
      const { text } = this.lines[this.at++], end = YamlReader.keyEnd(text);
      if (end < 0) throw new SyntaxError(text);
      const key = String(YamlReader.value(text.slice(0, end))), rest = text.slice(end + 1).trim();
      if (key in found) throw new SyntaxError(`twice: ${key}`);
      found[key] = rest ? YamlReader.value(rest) : this.nested(indent);
    }
    return found;
  }
  nested(indent) {
    const next = this.lines[this.at];
    const isInside = next && (next.indent > indent || (next.indent === indent && /^-( |$)/.test(next.text)));
    return isInside ? this.block(next.indent) : null;
  }
  static value(text) {
    const flow = new YamlFlow(text), value = flow.value("");
    flow.space();
    if (flow.at !== text.length) throw new SyntaxError(text);
    return value;
  }
}

class YamlFlow {
  constructor(text) { this.text = text; this.at = 0; }
  space() { while (this.text[this.at] === " ") this.at++; }
  take(mark) {
    this.space();
    if (this.text[this.at] !== mark) return false;
    this.at++;
    return true;
  }
  value(ends) {
    this.space();
    const first = this.text[this.at];
    if (first === "[") return this.sequence();
    if (first === "{") return this.map();
    if (first === '"' || first === "'") return this.quoted(first);
    if (first !== undefined && "&*!|>%@`".includes(first)) throw new SyntaxError(this.text);
    const start = this.at;
    while (this.at < this.text.length && !ends.includes(this.text[this.at]) && !(ends && /^:( |$)/.test(this.text.slice(this.at)))) this.at++;
    const plain = this.text.slice(start, this.at).trim();
    if (/^[-+]?(\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?$/i.test(plain)) return Number(plain);
    return { true: true, false: false, null: null, "~": null, "": null }[plain] ?? (["null", "~", ""].includes(plain) ? null : plain);
  }
  quoted(mark) {
    const end = mark === "'" ? /^'((?:[^']|'')*)'/.exec(this.text.slice(this.at)) : /^"(?:[^"\\]|\\.)*"/.exec(this.text.slice(this.at));
    if (!end) throw new SyntaxError(this.text);
    this.at += end[0].length;
    return mark === "'" ? end[1].replaceAll("''", "'") : JSON.parse(end[0]);
  }
  sequence() {
    const found = [];
    this.at++;
    while (!this.take("]")) {
      found.push(this.value(",]"));
      if (!this.take(",") && this.text[this.at] !== "]") throw new SyntaxError(this.text);
    }
    return found;
  }
  map() {
    const found = {};
    this.at++;
    while (!this.take("}")) {
      const key = String(this.value(",}"));
      found[key] = this.take(":") ? this.value(",}") : null;
      if (!this.take(",") && this.text[this.at] !== "}") throw new SyntaxError(this.text);
    }
    return found;
  }
}

/** Start, end and due days of the project, as the grant file in force and extensions say. */
function readProject({ rows, about }) {
  const mine = (of, key, value) => rows.filter((it) => it.of === of && it.says[key] === value).map((it) => it.says);
  let grant, plant;
  try {
    grant = YamlReader.read(mine("project_versions", "owner", about.project).at(-1).text);
    plant = YamlReader.read(mine("plant_versions", "owner", about.plant).at(-1).text);
  } catch (error) { throw new NotHere("file_not_read", { why: String(error.message) }); }
  if (plant.timezone !== about.zone) throw new Broken("project.json", "not_the_record");
  const due = new Map(grant.milestones.map((it) => [String(it.id), it.due])), moved = new Map();
  for (const step of mine("milestone_steps", "project", about.project)) if (step.step === "extend" && step.due) moved.set(step.milestone, step.due);
  for (const [id, day] of moved) if (due.has(id) && day > due.get(id)) due.set(id, day);
  return { start: grant.start, end: grant.end, due, plant, lines: grant.lines.map(String) };
}
