// Bytes and digests. SHA-256 (FIPS 180-4) is written out here because a browser's own takes a file
// only as a whole, and a dossier may be larger than the memory.

/** Something does not hold: the path in the dossier, and what to say (a key of words.js). */
class Broken extends Error {
  constructor(path, says, values = {}) {
    super(says);
    Object.assign(this, { path, says, values });
  }
}
/** A check cannot be made here; that says nothing against the dossier. */
class NotHere extends Error {
  constructor(says, values = {}) {
    super(says);
    Object.assign(this, { says, values });
  }
}
/** What was given cannot be checked at all. */
class Unfit extends Broken {}

const K256 = (() => {
  const primes = [];
  for (let n = 2; primes.length < 64; n++) if (primes.every((p) => n % p)) primes.push(n);
  const fraction = (root) => ((root - Math.floor(root)) * 2 ** 32) >>> 0;
  return { round: Uint32Array.from(primes, (p) => fraction(Math.cbrt(p))),
    start: Uint32Array.from(primes.slice(0, 8), (p) => fraction(Math.sqrt(p))) };
})();

class Sha256 {
  constructor() {
    this.state = Uint32Array.from(K256.start);
    this.words = new Uint32Array(64);
    this.tail = new Uint8Array(64);
    this.held = 0; // bytes in the tail
    this.size = 0;
  }
  update(data) {
    const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
    this.size += bytes.length;
    let at = 0;
    if (this.held) {
      at = Math.min(64 - this.held, bytes.length);
      this.tail.set(bytes.subarray(0, at), this.held);
      this.held += at;
      if (this.held < 64) return this;
      this.block(this.tail, 0);
      this.held = 0;
    }
    for (; at + 64 <= bytes.length; at += 64) this.block(bytes, at);
    this.tail.set(bytes.subarray(at));
    this.held = bytes.length - at;
    return this;
  }
  digest() {
    const bits = this.size * 8, end = new Uint8Array((this.held < 56 ? 64 : 128) - this.held);
    end[0] = 0x80;
    const view = new DataView(end.buffer);
    view.setUint32(end.length - 8, Math.floor(bits / 2 ** 32));
    view.setUint32(end.length - 4, bits >>> 0);
    this.update(end);
    const out = new DataView(new ArrayBuffer(32));
    this.state.forEach((word, n) => out.setUint32(4 * n, word));
    return new Uint8Array(out.buffer);
  }
  hex() { return toHex(this.digest()); }
  block(bytes, at) {
    const w = this.words, k = K256.round, s = this.state;
    for (let n = 0; n < 16; n++, at += 4)
      w[n] = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
    for (let n = 16; n < 64; n++) {
      const x = w[n - 15], y = w[n - 2];
      const one = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
      const two = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
      w[n] = w[n - 16] + one + w[n - 7] + two;
    }
    let a = s[0], b = s[1], c = s[2], d = s[3], e = s[4], f = s[5], g = s[6], h = s[7];
    for (let n = 0; n < 64; n++) {
      const up = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const one = (h + up + ((e & f) ^ (~e & g)) + k[n] + w[n]) | 0;
      const down = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const two = (down + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g; g = f; f = e; e = (d + one) | 0; d = c; c = b; b = a; a = (one + two) | 0;
    }
    s[0] += a; s[1] += b; s[2] += c; s[3] += d; s[4] += e; s[5] += f; s[6] += g; s[7] += h;
  }
}

const sha = (...parts) => parts.reduce((hash, part) => hash.update(part), new Sha256()).digest();
const toHex = (bytes) => Array.from(bytes, (it) => it.toString(16).padStart(2, "0")).join("");
const fromHex = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
const isSame = (one, other) => one.length === other.length && one.every((it, n) => it === other[n]);
const utf8 = (text) => new TextEncoder().encode(text);

function joined(pieces) {
  const all = new Uint8Array(pieces.reduce((sum, it) => sum + it.length, 0));
  let at = 0;
  for (const it of pieces) { all.set(it, at); at += it.length; }
  return all;
}
/** Text of a file; not UTF-8: it does not hold. */
function textOf(bytes, path) {
  try { return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes); }
  catch { throw new Broken(path, "not_text"); }
}
function jsonOf(bytes, path) {
  const text = textOf(bytes, path);
  try { return JSON.parse(text); } catch { throw new Broken(path, "not_json"); }
}
/** Bytes of a base64 text; null where it is not the one way to write them (RFC 4648, 3.5). */
function fromBase64(text) {
  try {
    const plain = atob(text);
    return btoa(plain) === text ? Uint8Array.from(plain, (it) => it.charCodeAt(0)) : null;
  } catch { return null; }
}
const wholeNumber = (text) => (/^(0|[1-9][0-9]{0,15})$/.test(text ?? "") ? Number(text) : null);
/** Microseconds since 1970 of a time in UTC or with an offset; NaN where it is none. */
function microsOf(text) {
  const m = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(\.\d{1,6})?(Z|[+-]\d\d:\d\d)$/.exec(text ?? "");
  if (!m) return NaN;
  return Date.parse(`${m[1]}T${m[2]}${m[4]}`) * 1000 + Number((m[3] ?? ".").slice(1).padEnd(6, "0"));
}
const compareBytes = (one, other) => { // texts by their bytes in UTF-8: the order of code points
  const a = utf8(one), b = utf8(other);
  for (let n = 0; n < Math.min(a.length, b.length); n++) if (a[n] !== b[n]) return a[n] - b[n];
  return a.length - b.length;
};
