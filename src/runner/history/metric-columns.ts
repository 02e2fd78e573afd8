const FIRST_CAPACITY = 32;
/** Names, objects and buffers beside the numbers, per series. */
const OVERHEAD_BYTES = 1024;
/** No job has more metrics than this: a trainer that makes up names must not fill the memory. */
const MAX_NAMES = 10_000;
/** Nor longer names: as in the status file. */
const MAX_NAME = 128;
/** A Date holds no more, in ms. */
const MAX_TIME = 8.64e15;

/** The points of one metric in columns: the first `length` entries of each array, by step. */
export interface Column {
  readonly name: string;
  length: number;
  steps: Float64Array<ArrayBuffer>;
  /** Unix ms. */
  times: Float64Array<ArrayBuffer>;
  /** NaN where the trainer reported NaN or infinity. */
  values: Float64Array<ArrayBuffer>;
}

/** All metrics of one job, as the lines of its history told of them. */
export interface MetricColumns {
  /** In the order in which their names first came. */
  readonly all: Iterable<Column>;
  /** What it takes in memory. */
  readonly bytes: number;
  /** The column of a name; made when it is new, undefined when there are too many already, or it is too long. */
  column(name: string): Column | undefined;
  /**
   * Begins with a report. False when it is none that counts: one whose step goes back within its attempt, or of an attempt that
   * another one has followed. Of steps that a later attempt did again, the earlier ones are taken away.
   * @param attempt NaN where the line does not say
   * @param time Unix ms
   */
  begin(attempt: number, step: number, time: number): boolean;
  /** Adds a value of the report that was begun; NaN for one that is no finite number. */
  add(column: Column, value: number): void;
}

export function createMetricColumns(): MetricColumns {
  const columns = new Map<string, Column>();
  let bytes = OVERHEAD_BYTES;
  let attempt = 1;
  let step = 0;
  let time = 0;

  function grow(column: Column): void {
    const capacity = column.steps.length * 2;
    column.steps = enlarged(column.steps, capacity);
    column.times = enlarged(column.times, capacity);
    column.values = enlarged(column.values, capacity);
    bytes += 3 * 8 * (capacity / 2);
  }

  return {
    all: { [Symbol.iterator]: () => columns.values() },
    get bytes() {
      return bytes;
    },
    column(name) {
      let column = columns.get(name);
      if (!column && columns.size < MAX_NAMES && name.length <= MAX_NAME) {
        const empty = () => new Float64Array(FIRST_CAPACITY);
        column = { name, length: 0, steps: empty(), times: empty(), values: empty() };
        columns.set(name, column);
        bytes += 3 * 8 * FIRST_CAPACITY + OVERHEAD_BYTES;
      }
      return column;
    },
    begin(itsAttempt, itsStep, itsTime) {
      if (!Number.isSafeInteger(itsStep) || itsStep < 0) return false;
      if (!(Math.abs(itsTime) <= MAX_TIME)) return false;
      if (itsAttempt > attempt) {
        attempt = itsAttempt;
        // It goes on from what was saved last, or anew: what came after that was not kept, and is done again.
        for (const column of columns.values()) column.length = indexOfStep(column, itsStep);
      } else if (itsAttempt < attempt || itsStep < step) {
        return false;
      }
      step = itsStep;
      time = itsTime;
      return true;
    },
    add(column, value) {
      const { length } = column;
      if (length === column.steps.length) grow(column);
      column.steps[length] = step;
      column.times[length] = time;
      column.values[length] = value;
      column.length = length + 1;
    },
  };
}

/** The index of the first point at `step` or later; `length` when there is none. */
export function indexOfStep({ steps, length }: Pick<Column, 'steps' | 'length'>, step: number): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((steps[middle] as number) < step) low = middle + 1;
    else high = middle;
  }
  return low;
}

function enlarged(array: Float64Array<ArrayBuffer>, capacity: number): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(capacity);
  larger.set(array);
  return larger;
}
