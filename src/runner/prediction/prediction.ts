/** What a model predicts for one row. */
export interface Prediction {
  /** A number, a class, or for several targets an object of numbers by target. */
  readonly value: unknown;
  /** Probability of each class; null for a regression. */
  readonly probabilities: Readonly<Record<string, number>> | null;
}

/** The predictions for rows, in their order. */
export interface PredictionResult {
  readonly predictions: readonly Prediction[];
  /** A sentence for each column with values that the model could not use, with their number. */
  readonly warnings: readonly string[];
}

/** What a prediction job predicts. */
export interface PredictionInput {
  /** The job that trained the model. */
  readonly jobId: string;
  /** Relative to `datasets/`. */
  readonly dataset: string;
}

export interface PredictOptions {
  /** Ends the wait of this caller. A request that a worker already answers runs to its end. */
  readonly signal?: AbortSignal | undefined;
}
