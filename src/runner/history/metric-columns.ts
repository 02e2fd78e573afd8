import { firstIndex } from '../first-index.ts';
import { visibleLine } from '../job/visible-text.ts';

const INITIAL_CAPACITY = 32;
/** Memory of a series in addition to its numbers: name, objects, buffers. */
const OVERHEAD_BYTES = 1024;
/** Maximum number of metrics of a job: a trainer that generates names must not exhaust memory. */
const MAX_NAMES = 10_000;
/** Maximum length of a name, as in the status file. */
const MAX_NAME = 128;
/** The latest time that a Date can express, Unix ms. */
const MAX_TIME = 8.64e15;

/** The points of one metric in columns: the first `length` entries of each array, in the order of the reports. */
export interface Column {
  readonly name: string;
  length: number;
  /** Whether a step is lower than the one before: then the points are not in the order of their steps. */
  stepsGoBack: boolean;
  steps: Float64Array<ArrayBuffer>;
  /** Unix ms. */
  times: Float64Array<ArrayBuffer>;
  values: Float64Array<ArrayBuffer>;
}

/** All metrics of one job, in columns. */
export interface MetricColumns {
  /** In the order in which their names first appeared. */
  readonly all: Iterable<Column>;
  /** Estimated memory use, bytes. */
  readonly bytes: number;
  /** The column of a name, created if it is new; undefined if there are too many columns already, or the name is too long. */
  column(name: string): Column | undefined;
  /**
   * Starts a report. The first report of a new attempt removes the points from its step on, because the attempt repeats those steps. If
   * steps went back before, a step does not say what is repeated: then all points are kept.
   * @param attempt NaN if the line does not say
   * @param time Unix ms
   * @returns false if the report is ignored: it belongs to an earlier attempt, or its step or time is invalid
   */
  startReport(attempt: number, step: number, time: number): boolean;
  /** Adds a value of the report that was started. */
  add(column: Column, value: number): void;
}

export function createMetricColumns(): MetricColumns {
  const columns = new Map<string, Column>();
  let bytes = OVERHEAD_BYTES;
  let attempt = 1;
  let step = 0;
  let time = 0;
  let stepsWentBack = false;

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
      const known = columns.get(name);
      if (known) return known;
      // As clients see it and send it back.
      const visible = visibleLine(name);
      let column = columns.get(visible);
      if (!column && columns.size < MAX_NAMES && name.length <= MAX_NAME) {
        const empty = () => new Float64Array(INITIAL_CAPACITY);
        column = { name: visible, length: 0, stepsGoBack: false, steps: empty(), times: empty(), values: empty() };
        columns.set(visible, column);
        bytes += 3 * 8 * INITIAL_CAPACITY + OVERHEAD_BYTES;
      }
      return column;
    },
    startReport(nextAttempt, nextStep, nextTime) {
      if (!Number.isSafeInteger(nextStep) || nextStep < 0) return false;
      if (!(Math.abs(nextTime) <= MAX_TIME)) return false;
      if (nextAttempt > attempt) {
        attempt = nextAttempt;
        // It continues from the last checkpoint, or starts over: later steps were lost, and are repeated.
        if (!stepsWentBack) for (const column of columns.values()) column.length = indexOfStep(column, nextStep);
      } else if (nextAttempt < attempt) {
        return false;
      } else if (nextStep < step) {
        stepsWentBack = true;
      }
      step = nextStep;
      time = nextTime;
      return true;
    },
    add(column, value) {
      const { length } = column;
      if (length === column.steps.length) grow(column);
      if (length > 0 && step < (column.steps[length - 1] as number)) column.stepsGoBack = true;
      column.steps[length] = step;
      column.times[length] = time;
      column.values[length] = value;
      column.length = length + 1;
    },
  };
}

/** The index of the first point at `step` or later; `length` if there is none. For points in the order of their steps. */
export function indexOfStep({ steps, length }: Pick<Column, 'steps' | 'length'>, step: number): number {
  return firstIndex(length, (index) => (steps[index] as number) >= step);
}

function enlarged(array: Float64Array<ArrayBuffer>, capacity: number): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(capacity);
  larger.set(array);
  return larger;
}
