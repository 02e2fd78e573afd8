export interface MetricQuery {
  /** Only these series; default all. */
  readonly names?: readonly string[] | null | undefined;
  /** First step, inclusive. */
  readonly fromStep?: number | null | undefined;
  /** Last step, inclusive. */
  readonly toStep?: number | null | undefined;
  /** Downsample each series to at most this many points (1 or more); default: all points. */
  readonly maxPoints?: number | null | undefined;
  /** A series with more points than this (after downsampling) has `points: null`; default: no limit. */
  readonly limit?: number | null | undefined;
}

export interface MetricPoint {
  readonly step: number;
  /** Null where the trainer reported NaN or infinity. */
  readonly value: number | null;
  /** Unix ms. */
  readonly at: number;
}

/** Points by step, ascending: iterable one by one, or as columns. */
export interface MetricPoints extends Iterable<MetricPoint> {
  readonly length: number;
  readonly steps: Float64Array;
  /** Unix ms. */
  readonly times: Float64Array;
  /** NaN where the trainer reported NaN or infinity. */
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
  readonly latest: MetricPoint;
  /**
   * The point with the best value. Lower is better, except for names with one of these words: acc, accuracy, r2, f1, auc, precision,
   * recall, score, bleu, map, iou. Null if no value is finite.
   */
  readonly best: MetricPoint | null;
}

export interface LogQuery {
  /** Number of lines: the newest ones, or with `after` the next ones. Default 200, at most 10,000. */
  readonly last?: number | null | undefined;
  /** The cursor of an earlier page: only lines after that page. */
  readonly after?: string | null | undefined;
}

export interface LogLine {
  readonly text: string;
  readonly stream: 'STDOUT' | 'STDERR';
  /** Unix ms. */
  readonly at: number;
}

export interface LogPage {
  readonly lines: readonly LogLine[];
  readonly cursor: string;
  /** True if the log could not continue from the cursor: it is not a cursor of a log, or its lines were deleted. */
  readonly gap: boolean;
}
