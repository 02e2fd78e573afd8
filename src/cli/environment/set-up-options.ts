import type { PythonPaths } from './paths.ts';
import type { PipActivity } from './pip.ts';
import type { Extra } from './stamp.ts';

/** Receives the messages of a set-up. */
export interface SetUpOutput {
  info(message: string): void;
  /** Something is missing; the set-up continues without it. */
  warn(message: string): void;
  activity(activity: PipActivity): void;
}

export interface SetUpOptions {
  readonly paths: PythonPaths;
  readonly extras: readonly Extra[];
  readonly output: SetUpOutput;
  readonly environment?: NodeJS.ProcessEnv;
  /** Aborting stops pip, releases the lock and rejects. The next set-up continues from there. */
  readonly signal?: AbortSignal | undefined;
}
