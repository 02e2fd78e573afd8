import type { StandardSetting } from '../job/request.ts';

/** Origin of a trainer: part of Trainyard, a script in the trainers folder, or an installed Python package. */
export const TRAINER_SOURCES = ['SHIPPED', 'FOLDER', 'PACKAGE'] as const;
export type TrainerSource = (typeof TRAINER_SOURCES)[number];

/** A trainer as its Python side describes it. */
export interface TrainerDescription {
  readonly name: string;
  /** Whether lists of trainers leave it out, because it has a way of its own to be started, such as `startPrediction`; default false. */
  readonly isHidden?: boolean;
  readonly source: TrainerSource;
  readonly title: string;
  readonly description: string;
  readonly available: boolean;
  /** Why it is not available, as a sentence that says what to do; null if it is. */
  readonly unavailableReason: string | null;
  /** The backends that can run on this machine now; empty for a script, which uses what it imports. */
  readonly backends: readonly ('TORCH' | 'SIMULATION')[];
  /** The standard settings that it accepts. */
  readonly settings: readonly StandardSetting[];
  /** Whether it takes command-line arguments and can run as several processes: true for scripts. */
  readonly acceptsArguments: boolean;
  /** Null if Python could not describe the trainer; a default is null if the trainer has none. */
  readonly defaults: TrainerDefaults | null;
  /** JSON Schema of `options`; empty if Python could not describe the trainer. */
  readonly options: Readonly<Record<string, unknown>>;
  /** For example `{ python: '3.12.1', torch: '2.13.0' }`. */
  readonly versions: Readonly<Record<string, string>>;
}

/** Defaults of a trainer for settings that a request omits. */
export interface TrainerDefaults {
  readonly epochs: number | null;
  readonly batchSize: number | null;
  readonly learningRate: number | null;
  readonly seed: number | null;
}
