/** Text that JSON writes without escapes, one byte per character. */
// eslint-disable-next-line no-control-regex -- JSON escapes these characters.
const PLAIN = /^[^"\\\u0000-\u001f\u007f-\uffff]*$/;

/** Cached sizes of objects, which are immutable: aliases and subscribers request the same ones repeatedly. */
const sizes = new WeakMap<object, number>();

/** Size of a value as JSON, in bytes. For numbers, Booleans and null this is an upper bound. */
export function jsonBytes(value: unknown): number {
  switch (typeof value) {
    case 'string':
      return PLAIN.test(value) ? value.length + 2 : Buffer.byteLength(JSON.stringify(value));
    case 'number':
      // The longest JavaScript number has 24 characters, for example -1.2345678901234567e-100. A DateTime is a number here and a
      // text of 26 bytes in the answer.
      return 26;
    case 'object':
      return value === null ? 4 : objectBytes(value);
    default:
      return 5;
  }
}

function objectBytes(value: object): number {
  let bytes = sizes.get(value);
  if (bytes === undefined) {
    bytes = Buffer.byteLength(JSON.stringify(value));
    sizes.set(value, bytes);
  }
  return bytes;
}
