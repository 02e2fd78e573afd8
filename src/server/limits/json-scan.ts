import type { Limits } from './limits.ts';

export type JsonLimits = Pick<Limits, 'jsonLevels' | 'jsonValues' | 'jsonNumberCharacters'>;

const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** The limit that a JSON text exceeds: its levels of objects and lists, its values, or the length of a number. */
export type JsonExcess = 'LEVELS' | 'VALUES' | 'NUMBER';

/**
 * Finds out, before a JSON text is parsed, whether that would cost too much. Recursive code on a parsed value, such as `JSON.stringify`,
 * exhausts its stack at some thousand levels; `JSON.parse` takes 1 µs for each new key. A value counts as in the
 * variables, and an empty object or list twice. The result for a text that is not JSON has no meaning.
 */
export function findJsonExcess(text: string, limits: JsonLimits): JsonExcess | null {
  let depth = 0;
  let values = 0;
  let digits = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = endOfString(text, at);
      digits = 0;
    } else if (code === OPEN_LIST || code === OPEN_OBJECT) {
      depth += 1;
      values += 1;
      digits = 0;
      if (depth > limits.jsonLevels) return 'LEVELS';
      if (values > limits.jsonValues) return 'VALUES';
    } else if (code === CLOSE_LIST || code === CLOSE_OBJECT) {
      depth -= 1;
      digits = 0;
    } else if (code === COMMA) {
      values += 1;
      digits = 0;
      if (values > limits.jsonValues) return 'VALUES';
    } else if (code <= SPACE || code === COLON) {
      digits = 0;
    } else {
      digits += 1;
      if (digits > limits.jsonNumberCharacters) return 'NUMBER';
    }
  }
  return null;
}

/** The index of the quote that ends a string; the length of the text if there is none. */
function endOfString(text: string, start: number): number {
  let end = start;
  do {
    end = text.indexOf('"', end + 1);
    if (end === -1) return text.length;
  } while (isEscaped(text, end));
  return end;
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes += 1;
  return backslashes % 2 === 1;
}

/** Describes the exceeded limit, for an error or the reason of a close frame. */
export function describeJsonExcess(excess: JsonExcess, limits: JsonLimits): string {
  switch (excess) {
    case 'LEVELS':
      return `nests objects and lists deeper than ${limits.jsonLevels} levels`;
    case 'VALUES':
      return `holds more than ${limits.jsonValues} values`;
    case 'NUMBER':
      return `holds a number of more than ${limits.jsonNumberCharacters} characters`;
    default:
      return excess satisfies never;
  }
}
