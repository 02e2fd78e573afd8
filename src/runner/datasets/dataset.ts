/** A file that `start` takes. `columns` and `rows` are null where the file cannot be read; `problem` then says why. */
export interface DatasetDescription {
  /** Path relative to `datasets/`. */
  readonly name: string;
  readonly bytes: number;
  readonly modifiedAt: number;
  /** `CSV`, `TSV` or `JSONL`; null when it is none of these. */
  readonly format: string | null;
  readonly columns: readonly string[] | null;
  /** How many columns there are in all; `columns` has the first 1,000 at most. */
  readonly columnCount: number | null;
  /** Rows of data, the header not counted; null also where the file is too large to be read through for it. */
  readonly rows: number | null;
  readonly problem: string | null;
}

/** A column as the training would take it, judged by the rows that a preview reads. */
export interface DatasetColumn {
  readonly name: string;
  readonly kind: 'number' | 'category' | 'date' | 'unusable';
  /** Cells without a value. */
  readonly gaps: number;
  /** Different values; null when they are too many to count. */
  readonly distinct: number | null;
  /** Null where the column does not hold numbers. */
  readonly minimum: number | null;
  readonly maximum: number | null;
  /** Why it is left out, or what is passed over in it. */
  readonly note: string | null;
}

/** How a dataset begins. */
export interface DatasetPreview {
  /** The first 1,000 at most. */
  readonly columns: readonly DatasetColumn[];
  readonly columnCount: number;
  /** A cell for each of `columns`; null for a gap. */
  readonly rows: readonly (readonly (string | null)[])[];
  /** Rows that kinds and counts come from. */
  readonly rowsRead: number;
  /** Whether these are all. */
  readonly complete: boolean;
}

export interface PreviewOptions {
  /** Ends the wait of this caller. The work ends when all callers that wait for it have gone. */
  readonly signal?: AbortSignal | undefined;
}

export interface AddDatasetOptions {
  /** Take the place of a dataset of this name; default false. */
  readonly replace?: boolean | undefined;
  /** Default: no limit. */
  readonly maxBytes?: number | undefined;
}

export interface AddedDataset {
  readonly name: string;
  readonly bytes: number;
  /** Whether it took the place of another. */
  readonly replaced: boolean;
}
