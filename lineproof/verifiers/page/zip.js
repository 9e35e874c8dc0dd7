// A zip as the reader's disk has it (APPNOTE.TXT: 4.3.12, 4.3.14 to 4.3.16, 4.5.3), read by slices. Nothing
// in it is believed: other paths than those of a dossier, or what would grow beyond reason, are refused.

const DOSSIER_PATH = new RegExp(`^(?:${[
  "README\\.txt", "project\\.json", "verdicts\\.json", "corrections\\.json", "decisions\\.json", "MANIFEST\\.sha256",
  "report\\.(?:en|zh-Hant|zh-Hans)\\.pdf", "(?:terms|plants)/[0-9a-f]{64}\\.json",
  "facts/[^/\\\\]+\\.csv", "facts/accepted/[0-9a-f]{64}\\.arrow", "samples/[^/\\\\]+/\\d{4}-\\d\\d\\.parquet",
  "batches/[^/\\\\]+/\\d{12}\\.batches", "attachments/[0-9a-f]{64}/[^/\\\\]+",
  "ledger/(?:checkpoint|policy|leaves\\.jsonl)", "ledger/proofs/\\d+\\.tlog-proof", "timestamps/[^/\\\\]+\\.tsr",
].join("|")})$`);
const LIMITS = { files: 200000, directory: 2 ** 28, text: 2 ** 29, ratio: 1000 };

class Zip {
  constructor(file) {
    this.file = file;
    this.entries = new Map();
    this.onBytes = () => {}; // told how many bytes were unpacked
  }
  static async open(file) {
    const zip = new Zip(file);
    try { await zip.readDirectory(); } catch (error) {
      if (error instanceof Unfit) throw error;
      throw new Unfit(file.name, "no_zip");
    }
    return zip;
  }
  async slice(start, length) {
    const buffer = await this.file.slice(start, start + length).arrayBuffer();
    if (buffer.byteLength !== length) throw new Unfit(this.file.name, "no_zip");
    return new DataView(buffer);
  }
  async readDirectory() {
    const size = this.file.size, length = Math.min(size, 22 + 65535), tail = await this.slice(size - length, length);
    let end = length - 22;
    while (end >= 0 && tail.getUint32(end, true) !== 0x06054b50) end--;
    if (end < 0) throw new Unfit(this.file.name, "no_zip");
    let where = { count: tail.getUint16(end + 10, true), size: tail.getUint32(end + 12, true), at: tail.getUint32(end + 16, true) };
    if (where.count === 0xffff || where.size === 0xffffffff || where.at === 0xffffffff) {
      const locator = await this.slice(size - length + end - 20, 20);
      if (locator.getUint32(0, true) !== 0x07064b50) throw new Unfit(this.file.name, "no_zip");
      const record = await this.slice(Number(locator.getBigUint64(8, true)), 56);
      const number = (at) => Number(record.getBigUint64(at, true));
      where = { count: number(24), size: number(40), at: number(48) };
    }
    if (where.count > LIMITS.files || where.size > LIMITS.directory) throw new Unfit(this.file.name, "too_many");
    const directory = await this.slice(where.at, where.size);
    let at = 0;
    for (let n = 0; n < where.count; n++) at = this.readEntry(directory, at);
  }
  readEntry(view, at) {
    if (view.getUint32(at, true) !== 0x02014b50) throw new Unfit(this.file.name, "no_zip");
    const short = (offset) => view.getUint16(at + offset, true), long = (offset) => view.getUint32(at + offset, true);
    const afterName = at + 46 + short(28), end = afterName + short(30);
    const path = new TextDecoder("utf-8", { fatal: true }).decode(new Uint8Array(view.buffer, at + 46, short(28)));
    const entry = { method: short(10), packed: long(20), size: long(24), at: long(42) };
    for (let field = afterName; field + 4 <= end;) {
      const id = view.getUint16(field, true), next = field + 4 + view.getUint16(field + 2, true);
      if (id === 1) {
        let value = field + 4;
        for (const name of ["size", "packed", "at"])
          if (entry[name] === 0xffffffff) { entry[name] = Number(view.getBigUint64(value, true)); value += 8; }
      }
      field = next;
    }
    const isOdd = !DOSSIER_PATH.test(path) || path.split("/").some((part) => part === ".." || part === ".");
    const grows = entry.size > LIMITS.ratio * (entry.packed + 100);
    if (isOdd || grows || this.entries.has(path) || (entry.method !== 0 && entry.method !== 8))
      throw new Unfit(this.file.name, "odd_file", { file: path.slice(0, 100) });
    this.entries.set(path, entry);
    return end + short(32);
  }
  has(path) { return this.entries.has(path); }
  under(folder) { return [...this.entries.keys()].filter((it) => it.startsWith(folder)).sort(compareBytes); }
  /** The file's bytes, piece by piece. */
  async *pieces(path) {
    const entry = this.entries.get(path);
    if (!entry) throw new Broken(path, "not_there");
    const local = await this.slice(entry.at, 30);
    if (local.getUint32(0, true) !== 0x04034b50) throw new Broken(path, "cannot_unpack");
    const start = entry.at + 30 + local.getUint16(26, true) + local.getUint16(28, true);
    let stream = this.file.slice(start, start + entry.packed).stream(), size = 0;
    if (entry.method === 8) stream = stream.pipeThrough(new DecompressionStream("deflate-raw"));
    const reader = stream.getReader();
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        size += value.length;
        if (size > entry.size) throw new Broken(path, "cannot_unpack");
        this.onBytes(value.length);
        yield value;
      }
    } catch (error) { throw error instanceof Broken ? error : new Broken(path, "cannot_unpack"); }
    finally { reader.cancel().catch(() => {}); }
    if (size !== entry.size) throw new Broken(path, "cannot_unpack");
  }
  async read(path) {
    if (this.entries.get(path)?.size > LIMITS.text) throw new Broken(path, "too_large");
    const pieces = [];
    for await (const piece of this.pieces(path)) pieces.push(piece);
    return joined(pieces);
  }
  async text(path) { return textOf(await this.read(path), path); }
  async json(path) { return jsonOf(await this.read(path), path); }
  async digest(path) {
    const hash = new Sha256();
    for await (const piece of this.pieces(path)) hash.update(piece);
    return hash.hex();
  }
}
