import type { DatasetColumn, ReadOptions } from '../datasets/dataset.ts';

/** The prediction of a model for one row. */
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

/** The input of a prediction job. */
export interface PredictionInput {
  /** The job that trained the model. */
  readonly jobId: string;
  /** Relative to `datasets/`. */
  readonly dataset: string;
  /** How to read the file. Default: inferred; if this fails, the options of the training. */
  readonly options?: ReadOptions | undefined;
}

/** A column that a model predicts from. */
export interface ModelInput {
  readonly name: string;
  readonly kind: DatasetColumn['kind'];
  /** A typical value as text; null if there is none. */
  readonly example: string | null;
  /** The most frequent categories that the model knows, at most 200; empty for other kinds. */
  readonly categories: readonly string[];
}

/** Inputs and outputs of a model: at most the first 1,000 each. */
export interface ModelDescription {
  readonly task: 'regression' | 'classification';
  readonly targets: readonly string[];
  /** Empty for a regression. */
  readonly classes: readonly string[];
  readonly inputs: readonly ModelInput[];
  readonly inputCount: number;
}

export interface PredictOptions {
  /** Ends the wait of this caller. A request that a worker already answers runs to its end. */
  readonly signal?: AbortSignal | undefined;
}
