/** Receives a number: one object for all of them, so that none has to be allocated. */
export interface NumberRead {
  value: number;
}

/** Powers of ten that a double holds exactly. */
const POWERS = Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));
/** Number of digits that always fit into a double exactly. */
const EXACT_DIGITS = 15;
/** Python prints 17 digits at most; with leading zeros a few more may count. */
const MORE_DIGITS = 6;
/** Veltkamp's constant: splits a double into two halves whose products are exact. */
const SPLITTER = 2 ** 27 + 1;

/**
 * Reads the JSON number at an offset without creating a string: numbers are most of a history, and most of the cost of reading it.
 * @param result receives the nearest double, as `JSON.parse` returns it
 * @returns the offset after the number; -1 if there is no JSON number
 */
export function readNumber(bytes: Buffer, begin: number, result: NumberRead): number {
  let at = begin;
  const isNegative = bytes[at] === 0x2d;
  if (isNegative) at += 1;

  // The number is (head * 10^tailDigits + tail) / 10^scale.
  let head = 0;
  let headDigits = 0;
  let tail = 0;
  let tailDigits = 0;
  const first = at;
  let point = -1;
  for (; ; at += 1) {
    const digit = digitAt(bytes, at);
    if (digit < 0) {
      if (bytes[at] !== 0x2e || point !== -1) break;
      point = at;
    } else if (headDigits < EXACT_DIGITS) {
      head = head * 10 + digit;
      if (head > 0) headDigits += 1;
    } else {
      tail = tail * 10 + digit;
      tailDigits += 1;
    }
  }
  const integerDigits = (point === -1 ? at : point) - first;
  if (integerDigits === 0 || (integerDigits > 1 && bytes[first] === 0x30) || point === at - 1) return -1;
  let scale = point === -1 ? 0 : at - point - 1;
  // "e" or "E".
  if (((bytes[at] as number) | 0x20) === 0x65) {
    at += 1;
    const sign = bytes[at];
    if (sign === 0x2d || sign === 0x2b) at += 1;
    const firstOfExponent = at;
    let exponent = 0;
    for (let digit = digitAt(bytes, at); digit >= 0; digit = digitAt(bytes, at)) {
      exponent = exponent * 10 + digit;
      at += 1;
    }
    if (at === firstOfExponent) return -1;
    scale += sign === 0x2d ? exponent : -exponent;
  }

  const isScaleExact = scale >= -22 && scale <= 22;
  let value: number;
  if (tailDigits === 0 && isScaleExact) {
    // Both are exact, so this one rounding is the only one (Clinger's fast path).
    value = scale < 0 ? head * power(-scale) : head / power(scale);
  } else if (tailDigits <= MORE_DIGITS && isScaleExact && scale >= 0) {
    value = divide(head, power(tailDigits), tail, power(scale));
  } else {
    result.value = Number(bytes.toString('latin1', begin, at));
    return at;
  }
  result.value = isNegative ? -value : value;
  return at;
}

/** The digit at an offset; negative if there is none. */
function digitAt(bytes: Buffer, at: number): number {
  const code = bytes[at] as number;
  return code >= 0x30 && code <= 0x39 ? code - 0x30 : -1;
}

function power(exponent: number): number {
  return POWERS[exponent] as number;
}

/**
 * (head * shift + tail) / divisor, all of them exact. The remainder of a first division, also exact, gives the correction (Dekker, "A
 * floating-point technique for extending the available precision", 1971). The result is the nearest double, unless the true value lies
 * within 2^-50 of a last digit from the middle between two doubles.
 */
function divide(head: number, shift: number, tail: number, divisor: number): number {
  const product = head * shift;
  const rest = productError(head, shift, product) + tail;
  const quotient = product / divisor;
  const back = quotient * divisor;
  return quotient + (product - back - productError(quotient, divisor, back) + rest) / divisor;
}

/** The rounding error of `product`, which is a * b. */
function productError(a: number, b: number, product: number): number {
  const aSplit = SPLITTER * a;
  const aHigh = aSplit - (aSplit - a);
  const aLow = a - aHigh;
  const bSplit = SPLITTER * b;
  const bHigh = bSplit - (bSplit - b);
  const bLow = b - bHigh;
  return aHigh * bHigh - product + aHigh * bLow + aLow * bHigh + aLow * bLow;
}
