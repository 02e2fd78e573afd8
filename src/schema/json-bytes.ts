/** Text that JSON writes as it stands, one byte a character. */
// eslint-disable-next-line no-control-regex -- These are what JSON escapes.
const PLAIN = /^[^"\\\u0000-\u001f\u007f-\uffff]*$/;

/** Sizes of objects, which do not change: aliases and subscribers ask for the same ones again and again. */
const known = new WeakMap<object, number>();

/** How many bytes a value has in JSON. For numbers, Booleans and null it is an upper bound. */
export function jsonBytes(value: unknown): number {
  switch (typeof value) {
    case 'string':
      return PLAIN.test(value) ? value.length + 2 : Buffer.byteLength(JSON.stringify(value));
    case 'number':
      // The longest number of JavaScript has 24 characters, for example -1.2345678901234567e-100. Whole ones are mostly short; a
      // date is one inside and a text of 26 bytes outside.
      return 26;
    case 'object':
      return value === null ? 4 : objectBytes(value);
    default:
      return 5;
  }
}

function objectBytes(value: object): number {
  let bytes = known.get(value);
  if (bytes === undefined) {
    bytes = Buffer.byteLength(JSON.stringify(value));
    known.set(value, bytes);
  }
  return bytes;
}
