/** A file that `start` accepts as a dataset. If it cannot be read, `columns` and `rows` are null, and `problem` says why. */
export interface DatasetDescription {
  /** Path relative to `datasets/`. */
  readonly name: string;
  readonly bytes: number;
  readonly modifiedAt: number;
  /** `CSV`, `TSV`, `JSON`, `JSONL` or `PARQUET`; null if it is none of these. */
  readonly format: string | null;
  readonly columns: readonly string[] | null;
  /** Total number of columns; `columns` has at most the first 1,000. */
  readonly columnCount: number | null;
  /** Number of data rows, without the header; null also if the file is too large to count them. */
  readonly rows: number | null;
  readonly problem: string | null;
}

/** A column as a training would interpret it, based on the rows that a preview reads. */
export interface DatasetColumn {
  readonly name: string;
  readonly kind: 'number' | 'category' | 'date' | 'time' | 'text' | 'unusable';
  /** Cells without a value. */
  readonly gaps: number;
  /** The texts of these cells, at most 20, each with the number of its cells; an empty text for empty cells. */
  readonly missing: readonly MissingText[];
  /** Number of distinct values; null if there are too many to count. */
  readonly distinct: number | null;
  /** Null if the column does not hold numbers. */
  readonly minimum: number | null;
  readonly maximum: number | null;
  /** Why the column is unusable, or what is unusual about it. */
  readonly note: string | null;
  /** Whether it numbers or names the rows, and is never the default target. */
  readonly isIdentifier: boolean;
  /** Null if the column cannot be predicted, and for columns after the first 200. */
  readonly target: TargetPreview | null;
}

/** Prediction of a column by the trainer `tabular`. */
export interface TargetPreview {
  readonly task: 'regression' | 'classification';
  /** Prediction without a model: the mean of the numbers, or the most frequent class. */
  readonly baseline: string;
  /** Score of the baseline on the rows that were read: RMSE or accuracy. */
  readonly score: number;
}

export interface MissingText {
  readonly text: string;
  readonly count: number;
}

/** The first rows of a dataset. */
export interface DatasetPreview {
  /** Notes on how the file was read, for example which lines are left out. */
  readonly notes: readonly string[];
  /** At most the first 1,000. */
  readonly columns: readonly DatasetColumn[];
  readonly columnCount: number;
  /** One cell for each of `columns`; null for a gap. */
  readonly rows: readonly (readonly (string | null)[])[];
  /** Number of rows on which kinds and counts are based. */
  readonly rowsRead: number;
  /** Whether these are all rows. */
  readonly complete: boolean;
  /** The column that is predicted unless the option `target` names another one; null if none can be. */
  readonly defaultTarget: string | null;
}

/** How to read a file if its content does not show it: the options of these names of a table training. */
export interface ReadOptions {
  /** For example `gb18030`; default UTF-8. */
  readonly encoding?: unknown;
  /** Whether the first row has the column names, or the line that has them; default inferred. */
  readonly header?: unknown;
}

export interface PreviewOptions {
  readonly read?: ReadOptions | undefined;
  /** Ends the wait of this caller. The process is killed once no caller waits for it. */
  readonly signal?: AbortSignal | undefined;
}

export interface AddDatasetOptions {
  /** Replace an existing dataset of this name; default false. */
  readonly replace?: boolean | undefined;
  /** Default: no limit. */
  readonly maxBytes?: number | undefined;
  /** Name of the user; default null. */
  readonly uploadedBy?: string | null | undefined;
}

export interface AddedDataset {
  readonly name: string;
  readonly bytes: number;
  /** Whether it replaced an existing dataset. */
  readonly replaced: boolean;
}
