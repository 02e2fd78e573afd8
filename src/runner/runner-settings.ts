import type { Logger } from './logger.ts';
import type { Webhook } from './webhooks/webhook.ts';
import type { RunnerListener } from './events.ts';

/** What `createRunner` needs to know. */
export interface RunnerSettings {
  /** The folder under which everything lies; made when missing. */
  readonly home: string;
  /** The Python that trains: a path, or a name to be found in PATH. */
  readonly python: string;
  /**
   * Environment variables that trainings inherit besides the [usual ones](../../docs/security.md#environment-of-trainings): names, or
   * prefixes that end with `*`; default none.
   */
  readonly trainerEnv?: readonly string[] | undefined;
  /** How many jobs run at once. */
  readonly maxRunning: number;
  /** How many more may wait. */
  readonly maxQueued: number;
  /** The GPUs that jobs may lease, as CUDA_VISIBLE_DEVICES names them; default none. */
  readonly gpus?: readonly string[] | undefined;
  /** Jobs that ended so long ago are deleted with all their files, ms; default never. */
  readonly retentionMs?: number | null | undefined;
  readonly logger: Logger;
  /** Receive every event of the runner; default none. */
  readonly listeners?: readonly RunnerListener[] | undefined;
  /** How long a launched job may take to give a sign of life, ms; default a minute: Python on a busy disk needs seconds. */
  readonly startTimeoutMs?: number | undefined;
  /** A job that reports nothing for so long is STALLED, ms; default a minute. */
  readonly stalledAfterMs?: number | undefined;
  /** Who is told of ends, failures and stalls; default nobody. */
  readonly webhooks?: readonly Webhook[] | undefined;
  /** How long to wait after each failed attempt to tell, ms; default as the Standard Webhooks recommend, three days in all. */
  readonly webhookRetryWaitsMs?: readonly number[] | undefined;
}
