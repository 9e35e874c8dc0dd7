// Facts: rows by column. Numbers are floats, NaN where there is nothing; texts are null there. Times are
// microseconds, days are texts as 2026-03-02.

const FACTS_FORMAT = 27; // what the columns mean
const TEXTS = new Set(["line", "day", "shift", "plan", "mode", "order", "product", "reason_kind"]);
const TIMES = new Set(["start", "end", "shift_start"]);
const STATES = ["unknown", "producing", "idle", "starved", "blocked", "setup", "stopped", "fault", "maintenance", "off"];
const WHOLE = new Set([...STATES.map((it) => `${it}_us`), "stops", "failures", "flags"]);

/** Fields of a CSV (RFC 4180), row by row: null where a field is empty, "" where it is quoted and empty. */
function* csvRows(text) {
  let row = [], at = 0;
  while (at < text.length) {
    let field = null;
    if (text[at] === '"') {
      let end = at + 1;
      for (;;) {
        end = text.indexOf('"', end);
        if (end < 0) throw new SyntaxError("quote");
        if (text[end + 1] !== '"') break;
        end += 2;
      }
      field = text.slice(at + 1, end).replaceAll('""', '"');
      at = end + 1;
    } else {
      const start = at;
      while (at < text.length && text[at] !== "," && text[at] !== "\n") at++;
      if (at > start) field = text.slice(start, at);
    }
    row.push(field);
    if (text[at] === ",") at += 1;
    else if (text[at] === "\n") { yield row; row = []; at += 1; continue; } else throw new SyntaxError("end");
    if (text[at] === "\n") { row.push(null); yield row; row = []; at += 1; }
  }
  if (row.length) throw new SyntaxError("end");
}
function numberOf(name, field) {
  if (field === null) return NaN;
  const found = TIMES.has(name) ? microsOf(field) : Number(field);
  if (Number.isNaN(found)) throw new SyntaxError(name);
  return found;
}
async function readFacts({ zip, about }) {
  const columns = {}, byLine = [...about.lines].sort(compareBytes);
  let names = null, height = 0;
  for (const line of byLine) {
    const path = `facts/${folderName(line)}.csv`;
    if (!zip.has(path)) continue;
    try {
      const rows = csvRows(await zip.text(path)), header = rows.next().value;
      if (names && names.join() !== header.join()) throw new SyntaxError("columns");
      names ??= header;
      for (const name of names) columns[name] ??= [];
      for (const row of rows) {
        if (row.length !== names.length || row[0] !== line) throw new SyntaxError("row");
        names.forEach((name, n) => columns[name].push(TEXTS.has(name) ? row[n] : numberOf(name, row[n])));
        height += 1;
      }
    } catch (error) { throw error instanceof Broken ? error : new Broken(path, "no_facts"); }
  }
  return new Facts(names ?? [], columns, height, byLine);
}

class Facts {
  constructor(names, columns, height, lines, hasHoles = false) {
    Object.assign(this, { names, columns, height, lines, hasHoles, days: new Map() });
    (columns.day ?? []).forEach((day, row) => { // days in order, and of each its rows
      if (!this.days.has(day)) this.days.set(day, []);
      this.days.get(day).push(row);
    });
    this.dayNames = [...this.days.keys()].sort();
  }
  /** The same rows with some columns in others' place. */
  with(columns) { return new Facts(this.names, { ...this.columns, ...columns }, this.height, this.lines, this.hasHoles); }
  /** The rows of the shifts of these names alone. */
  ofShifts(names) {
    const rows = Array.from({ length: this.height }, (_, row) => row).filter((row) => names.includes(this.columns.shift[row]));
    const columns = Object.fromEntries(this.names.map((name) => [name, rows.map((row) => this.columns[name][row])]));
    return new Facts(this.names, columns, rows.length, this.lines, true);
  }
  /** Which of the rows, in each of the groups that `groupOf` tells apart, begin and end what they are of. */
  edgesOf(rows, groupOf) {
    const c = this.columns, first = {}, last = {};
    for (const row of rows) {
      const group = groupOf(row);
      first[group] = Math.min(first[group] ?? Infinity, c.start[row]);
      last[group] = Math.max(last[group] ?? -Infinity, c.end[row]);
    }
    return { isFirst: (row) => c.start[row] === first[groupOf(row)], isLast: (row) => c.end[row] === last[groupOf(row)] };
  }
  /** The same of stretches of a line without a hole. */
  runEdgesOf(rows) {
    const c = this.columns, starts = new Set(), ends = new Set(), at = (row, time) => `${c.line[row]}|${time}`;
    for (const row of rows) { starts.add(at(row, c.start[row])); ends.add(at(row, c.end[row])); }
    return { isFirst: (row) => !ends.has(at(row, c.start[row])), isLast: (row) => !starts.has(at(row, c.end[row])) };
  }
  /** The same where there are holes; of each line's whole time where there are none. */
  bordersOf(rows) { return this.hasHoles ? this.runEdgesOf(rows) : this.edgesOf(rows, (row) => this.columns.line[row]); }
  /** Row numbers of a range of days, by day. */
  rowsOf(range) {
    const rows = [];
    for (const day of this.dayNames) if (day >= range.start && day <= range.end) rows.push(...this.days.get(day));
    return rows;
  }
  hasAll(range) {
    for (let day = range.start; day <= range.end; day = nextDay(day)) {
      const there = new Set((this.days.get(day) ?? []).map((row) => this.columns.line[row]));
      if (this.lines.some((line) => !there.has(line))) return false;
    }
    return true;
  }
  /** SHA-256 over the rows of these days, in the order of the files (docs/evidence-format.md, "Facts"). */
  digest(ranges) {
    const isIn = (day) => ranges.some((it) => day >= it.start && day <= it.end), rows = [];
    for (let row = 0; row < this.height; row++) if (isIn(this.columns.day[row])) rows.push(row);
    const hash = new Sha256().update(`lineproof-facts/1\n${rows.length}\n`);
    for (const name of this.names) {
      const values = this.columns[name], isText = TEXTS.has(name) && name !== "day";
      const isNothing = (row) => values[row] === null || (typeof values[row] === "number" && Number.isNaN(values[row]));
      hash.update(`${name}\n`).update(Uint8Array.from(rows, (row) => (isNothing(row) ? 1 : 0)));
      if (isText) for (const row of rows) {
        const text = utf8(values[row] ?? ""), size = new DataView(new ArrayBuffer(8));
        size.setUint32(0, text.length, true);
        hash.update(new Uint8Array(size.buffer)).update(text);
      } else {
        const view = new DataView(new ArrayBuffer(8 * rows.length)), isWhole = WHOLE.has(name) || TIMES.has(name) || name === "day";
        rows.forEach((row, n) => {
          const value = isNothing(row) ? 0 : name === "day" ? Date.parse(values[row]) / 86400000 : values[row] + 0;
          if (!isWhole) { view.setFloat64(8 * n, value, true); return; }
          view.setUint32(8 * n, value % 2 ** 32 >>> 0, true);
          view.setInt32(8 * n + 4, Math.floor(value / 2 ** 32), true);
        });
        hash.update(new Uint8Array(view.buffer));
      }
    }
    return hash.hex();
  }
}
