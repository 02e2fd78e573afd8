import type { Goal, Goals } from '../job/metric-direction.ts';
import type { NonFinite } from '../job/metric-number.ts';

export interface MetricQuery {
  /** Only these series; default all. */
  readonly names?: readonly string[] | null | undefined;
  /** First step, inclusive. */
  readonly fromStep?: number | null | undefined;
  /** Last step, inclusive. */
  readonly toStep?: number | null | undefined;
  /** Downsample each series to at most this many points (1 or more); default: all points. */
  readonly maxPoints?: number | null | undefined;
  /** Goals of metrics by name, where they differ from what the name says. Default: none. */
  readonly goals?: Goals | undefined;
  /** A series with more points than this (after downsampling) has `points: null`; default: no limit. */
  readonly limit?: number | null | undefined;
}

export interface MetricPoint {
  readonly step: number;
  /** Null where the trainer reported NaN or infinity. */
  readonly value: number | null;
  /** Which of these it reported; missing if the value is finite. */
  readonly nonFinite?: NonFinite;
  /** Unix ms. */
  readonly at: number;
}

/** Points in the order of their reports: iterable one by one, or as columns. */
export interface MetricPoints extends Iterable<MetricPoint> {
  readonly length: number;
  readonly steps: Float64Array;
  /** Unix ms. */
  readonly times: Float64Array;
  readonly values: Float64Array;
}

/** The history of one metric; never empty. */
export interface MetricSeries {
  readonly name: string;
  /** Null if there are more points than the `limit` of the query. */
  readonly points: MetricPoints | null;
  /** Points in the requested range, before downsampling. */
  readonly totalPoints: number;
  /** Whether `points` was downsampled. */
  readonly sampled: boolean;
  /** Whether steps go back within an attempt: then the points are not in the order of steps, and only times put them in order. */
  readonly stepsGoBack: boolean;
  readonly goal: Goal;
  readonly latest: MetricPoint;
  /** The point with the best value: the highest or lowest one, see `goal`. Null if no value is finite. */
  readonly best: MetricPoint | null;
}

export interface LogQuery {
  /** Number of lines: the newest ones, with `after` the next ones, with `before` the previous ones. Default 200, at most 10,000. */
  readonly last?: number | null | undefined;
  /** The cursor of an earlier page: only lines after that page. */
  readonly after?: string | null | undefined;
  /** The start cursor of a page: only lines before that page. */
  readonly before?: string | null | undefined;
}

export interface LogLine {
  readonly text: string;
  readonly stream: 'STDOUT' | 'STDERR';
  /** Unix ms. */
  readonly at: number;
}

export interface LogPage {
  readonly lines: readonly LogLine[];
  /** End of this page. */
  readonly cursor: string;
  /** Start of this page. */
  readonly startCursor: string;
  /** Whether there may be lines before this page. */
  readonly hasPreviousPage: boolean;
  /** True if the log could not continue from the cursor: it is not a cursor of a log, or its lines were deleted. */
  readonly gap: boolean;
}
