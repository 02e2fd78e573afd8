/** A trainer as its Python side describes it. */
export interface TrainerDescription {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly available: boolean;
  /** Why it is not available, as a sentence that says what to do; null if it is. */
  readonly unavailableReason: string | null;
  /** The backends that can run on this machine now. */
  readonly backends: readonly ('TORCH' | 'SIMULATION')[];
  /** Null if Python could not describe the trainer. */
  readonly defaults: {
    readonly epochs: number;
    readonly batchSize: number;
    readonly learningRate: number;
    readonly seed: number;
  } | null;
  /** JSON Schema of `options`; empty if Python could not describe the trainer. */
  readonly options: Readonly<Record<string, unknown>>;
  /** For example `{ python: '3.12.1', torch: '2.13.0' }`. */
  readonly versions: Readonly<Record<string, string>>;
}
