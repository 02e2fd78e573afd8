/** A trainer as its Python side describes it. */
export interface TrainerDescription {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly available: boolean;
  /** Why not, as a sentence that says what to do. */
  readonly unavailableReason: string | null;
  /** The backends that can run here now. */
  readonly backends: readonly ('TORCH' | 'SIMULATION')[];
  /** Null when its Python side could not be asked. */
  readonly defaults: {
    readonly epochs: number;
    readonly batchSize: number;
    readonly learningRate: number;
    readonly seed: number;
  } | null;
  /** JSON Schema of `options`; empty when its Python side could not be asked. */
  readonly options: Readonly<Record<string, unknown>>;
  /** For example `{ python: '3.12.1', torch: '2.13.0' }`. */
  readonly versions: Readonly<Record<string, string>>;
}
