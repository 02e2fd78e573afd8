import { NON_FINITE_TEXTS } from '../job/metric-number.ts';
import type { Column, MetricColumns } from './metric-columns.ts';
import { type NumberRead, readNumber } from './read-number.ts';

/** Reads lines of a metrics history into columns. */
export interface MetricLineReader {
  /** Reads the line from `begin` to `end` (its newline, not included). A line that is not a report is ignored. */
  read(bytes: Buffer, begin: number, end: number): void;
}

const ATTEMPT = Buffer.from('{"attempt":');
const AT = Buffer.from(',"at":');
const STEP = Buffer.from(',"step":');
const EPOCH = Buffer.from(',"epoch":');
const VALUES = Buffer.from(',"values":{');
const NULL = Buffer.from('null');
const NON_FINITE = NON_FINITE_TEXTS.map((text) => [Buffer.from(JSON.stringify(text)), Number(text)] as const);
const [QUOTE, COMMA, COLON, BACKSLASH, N, BRACE] = [0x22, 0x2c, 0x3a, 0x5c, 0x6e, 0x7d] as const;
/** Lines with more values are read with JSON.parse. */
const MAX_VALUES = 256;

/** The bytes of a name in a line, quotes and colon included, and its column. */
interface Key {
  readonly bytes: Buffer;
  readonly column: Column;
}

/**
 * Reads lines in the exact form that `trainyard.Reporter` writes byte by byte; all others with `JSON.parse`.
 *
 * Reading a million lines with one value each takes 0.47 s of CPU time like this, and 1.05 s with `JSON.parse` of each line. Parsing
 * 64 KiB of lines as one array is only a little faster. The first query for a job waits for it, so the code is worth its lines.
 */
export function createMetricLineReader(columns: MetricColumns): MetricLineReader {
  const number: NumberRead = { value: NaN };
  // The names of the line before: the next line mostly has the same ones in the same order.
  const keys: Key[] = [];
  const values = new Float64Array(MAX_VALUES + 1);

  /** @returns false if the line is not in the usual form; then nothing is added */
  function readUsual(bytes: Buffer, begin: number, end: number): boolean {
    let at = readNumber(bytes, skip(bytes, begin, ATTEMPT), number);
    const attempt = number.value;
    at = readNumber(bytes, skip(bytes, at, AT), number);
    const time = number.value;
    at = readNumber(bytes, skip(bytes, at, STEP), number);
    const step = number.value;
    at = skip(bytes, at, EPOCH);
    at = bytes[at] === N ? skip(bytes, at, NULL) : readNumber(bytes, at, number);
    at = skip(bytes, at, VALUES);
    let count = 0;
    for (let separator: number | undefined = COMMA; separator === COMMA; at += 1) {
      at = readName(bytes, at, count);
      if (bytes[at] === N) {
        at = skip(bytes, at, NULL);
        values[count] = NaN;
      } else if (bytes[at] === QUOTE) {
        at = readNonFinite(bytes, at, count);
      } else {
        at = readNumber(bytes, at, number);
        values[count] = number.value;
      }
      if (at === -1 || count === MAX_VALUES) return false;
      count += 1;
      separator = bytes[at];
    }
    if (at !== end - 1 || bytes[at] !== BRACE || bytes[at - 1] !== BRACE) return false;
    if (!columns.startReport(attempt, step, milliseconds(time))) return true;
    for (let index = 0; index < count; index += 1) {
      columns.add((keys[index] as Key).column, values[index] as number);
    }
    return true;
  }

  /** The offset after the name and colon of the value with this index, which `keys` then holds; -1 if there is none. */
  function readName(bytes: Buffer, at: number, index: number): number {
    const expected = keys[index];
    const behind = expected ? skip(bytes, at, expected.bytes) : -1;
    if (behind !== -1) return behind;
    const key = keyAt(bytes, at, columns);
    // A duplicate name: JSON.parse decides which value counts.
    if (!key || keys.slice(0, index).some(({ column }) => column === key.column)) return -1;
    keys.length = index;
    keys.push(key);
    return at + key.bytes.length;
  }

  /** Reads a value that JSON cannot express as a number. Returns the offset after it; -1 if there is none. */
  function readNonFinite(bytes: Buffer, at: number, index: number): number {
    for (const [text, value] of NON_FINITE) {
      const end = skip(bytes, at, text);
      if (end === -1) continue;
      values[index] = value;
      return end;
    }
    return -1;
  }

  function readAny(text: string): void {
    const report = parseReport(text);
    if (!report || !columns.startReport(report.attempt ?? NaN, report.step, milliseconds(report.at))) return;
    for (const [name, value] of Object.entries(report.values)) {
      const number = toNumber(value);
      const column = number === undefined ? undefined : columns.column(name);
      if (column) columns.add(column, number as number);
    }
  }

  return {
    read(bytes, begin, end) {
      if (!readUsual(bytes, begin, end)) readAny(bytes.toString('utf8', begin, end));
    },
  };
}

interface Report {
  readonly attempt?: number;
  readonly at: number;
  readonly step: number;
  readonly values: Readonly<Record<string, unknown>>;
}

function parseReport(line: string): Report | undefined {
  try {
    const report = JSON.parse(line) as Partial<Report> | null;
    if (typeof report?.step !== 'number' || typeof report.at !== 'number') return undefined;
    if (report.attempt !== undefined && typeof report.attempt !== 'number') return undefined;
    if (typeof report.values !== 'object' || (report.values as object | null) === null) return undefined;
    return report as Report;
  } catch {
    return undefined;
  }
}

/** The key at an offset; undefined if there is none, or if it contains escapes. */
function keyAt(bytes: Buffer, begin: number, columns: MetricColumns): Key | undefined {
  if (bytes[begin] !== QUOTE) return undefined;
  const quote = bytes.indexOf(QUOTE, begin + 1);
  if (quote === -1 || bytes[quote + 1] !== COLON) return undefined;
  const name = bytes.subarray(begin + 1, quote);
  if (name.some((byte) => byte < 0x20 || byte === BACKSLASH)) return undefined;
  const column = columns.column(name.toString('utf8'));
  // A copy: the buffer is reused for the next bytes of the file.
  return column && { bytes: Buffer.from(bytes.subarray(begin, quote + 2)), column };
}

/** The offset after `expected` if these bytes are at `begin`; otherwise -1, where nothing is ever found. */
function skip(bytes: Buffer, begin: number, expected: Buffer): number {
  for (let index = 0; index < expected.length; index += 1) {
    if (bytes[begin + index] !== expected[index]) return -1;
  }
  return begin + expected.length;
}

const milliseconds = (seconds: number) => Math.round(seconds * 1000);

/** The value of a metric; undefined for anything else. Older versions wrote NaN and infinity as null. */
function toNumber(value: unknown): number | undefined {
  if (value === null) return NaN;
  if (typeof value === 'number') return value;
  return (NON_FINITE_TEXTS as readonly unknown[]).includes(value) ? Number(value) : undefined;
}
