export interface MetricQuery {
  /** Only these series; default all. */
  readonly names?: readonly string[] | null | undefined;
  /** First step, inclusive. */
  readonly fromStep?: number | null | undefined;
  /** Last step, inclusive. */
  readonly toStep?: number | null | undefined;
  /** Thin each series to at most this many points (1 or more); default: never thinned. */
  readonly maxPoints?: number | null | undefined;
  /** A series that has still more points than this comes without them; default: no limit. */
  readonly limit?: number | null | undefined;
}

export interface MetricPoint {
  readonly step: number;
  /** Null where the trainer reported NaN or infinity. */
  readonly value: number | null;
  /** Unix ms. */
  readonly at: number;
}

/** Points by step, ascending: one by one, or as the columns that they are kept in. */
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
  /** Null when there are more of them than the `limit` of the query. */
  readonly points: MetricPoints | null;
  /** Points in the asked range before thinning. */
  readonly totalPoints: number;
  /** True when `points` was thinned. */
  readonly sampled: boolean;
  readonly latest: MetricPoint;
  /** Lowest value; highest where the name says that more is better (accuracy, r2, f1, auc, precision, recall, score, bleu, map, iou). Null when none is finite. */
  readonly best: MetricPoint | null;
}

export interface LogQuery {
  /** The newest so many lines; default 200, at most 10,000. */
  readonly last?: number | null | undefined;
  /** Only what came after the page that gave this cursor. */
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
  /** True when the log could not go on where the cursor said: it was no cursor of a log, or its lines are gone. */
  readonly gap: boolean;
}
