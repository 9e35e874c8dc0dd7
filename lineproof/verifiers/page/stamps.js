// Time stamps (RFC 3161). The page sees what they are of; by whom they are signed, it cannot check.

const SIGNED_DATA = "2a864886f70d010702", STAMP_INFO = "2a864886f70d0109100104", SHA_256 = "608648016503040201"; // as in DER

async function checkTimestamps({ zip, note }) {
  const paths = [...zip.under("timestamps/")];
  if (!paths.length) return ["no_stamp", {}];
  for (const path of paths) {
    const stamped = stampedDigest(await zip.read(path));
    if (!stamped) throw new Broken(path, "no_time_stamp");
    if (!isSame(stamped, sha(note.signed))) throw new Broken(path, "other_stamp");
  }
  throw new NotHere("stamps_unsigned", { count: paths.length });
}
/** The SHA-256 that a time stamp is of; null where it is none. */
function stampedDigest(data) {
  try {
    const token = within(firstOf(data), 0x30)[1], [kind, wrapped] = within(token, 0x30);
    const [type, outer] = within(within(firstOf(within(wrapped, 0xa0)), 0x30)[2], 0x30);
    const info = firstOf(derValues(firstOf(within(outer, 0xa0)).content));
    const [method, digest] = within(within(info, 0x30)[2], 0x30), algorithm = firstOf(within(method, 0x30));
    const isOne = toHex(kind.content) === SIGNED_DATA && toHex(type.content) === STAMP_INFO && toHex(algorithm.content) === SHA_256;
    return isOne && digest.content.length === 32 ? digest.content : null;
  } catch { return null; }
}
/** The values that stand one after the other in DER (X.690, 8.1). */
function derValues(data) {
  const found = [];
  for (let at = 0; at < data.length;) {
    const short = data[at + 1], more = short > 0x80 ? short & 0x7f : 0;
    let length = more ? 0 : short;
    for (let n = 0; n < more; n++) length = length * 256 + data[at + 2 + n];
    const from = at + 2 + more;
    if (short === 0x80 || more > 4 || !(from + length <= data.length)) throw new RangeError("no DER");
    found.push({ tag: data[at], content: data.subarray(from, from + length) });
    at = from + length;
  }
  return found;
}
function within(value, tag) {
  if (value.tag !== tag) throw new RangeError("another tag");
  return derValues(value.content);
}
const firstOf = (values) => (values instanceof Uint8Array ? derValues(values) : values)[0];
