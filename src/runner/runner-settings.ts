import type { ResourceRules } from './job/resources.ts';
import type { LauncherName } from './launchers/launcher.ts';
import type { Logger } from './logger.ts';
import type { Webhook } from './webhooks/webhook.ts';
import type { Quota } from './job/quota.ts';
import type { RunnerListener } from './events.ts';

/** The settings of `createRunner`. */
export interface RunnerSettings {
  /** The home folder, with all files of the runner; created if missing. */
  readonly home: string;
  /** The Python interpreter that trains: a path, or a name to find in PATH. */
  readonly python: string;
  /** The folder of scripts that are trainers; default `trainers` in the home, created if missing. */
  readonly trainers?: string | undefined;
  /**
   * Environment variables that trainings inherit besides the [usual ones](../../docs/security.md#environment-of-trainings): names, or
   * prefixes that end with `*`; default none.
   */
  readonly trainerEnv?: readonly string[] | undefined;
  /** Where jobs run; default `local`, this machine. */
  readonly launcher?: LauncherName | undefined;
  /** The resources that a job may request on a cluster; default: one node, and the cluster's own defaults. */
  readonly resources?: Partial<Omit<ResourceRules, 'isCluster'>> | undefined;
  /** Time between two questions to the controller of a Slurm cluster, ms; default 5 seconds. */
  readonly slurmPollMs?: number | undefined;
  /** Maximum time until this machine sees a file that a node of the cluster has written, ms; default one minute, as on NFS. */
  readonly visibleAfterMs?: number | undefined;
  /** Time without a new line of a job of the cluster after which it is dead if Slurm has given it up, ms; default one minute. */
  readonly silentAfterMs?: number | undefined;
  /**
   * Whether to keep a process that has imported the libraries of the shipped trainers and starts jobs in milliseconds; default false.
   * Linux only, and only with the launcher `local`.
   */
  readonly warmStart?: boolean | undefined;
  /** Maximum number of running jobs. On a cluster, added to {@link maxQueued}: the cluster decides how many run. */
  readonly maxRunning: number;
  /** Maximum number of waiting jobs. */
  readonly maxQueued: number;
  /** Bytes of the disk that starts and uploads leave free; default 0. */
  readonly minFreeBytes?: number | undefined;
  /** Bytes of the datasets, models and artifacts; default no limit. */
  readonly maxStoredBytes?: Quota | undefined;
  /** Jobs that are kept; default no limit. */
  readonly maxJobs?: Quota | undefined;
  /** Time between two measurements of the stored bytes, ms; default one minute. They are measured only if they have a limit. */
  readonly measureEveryMs?: number | undefined;
  /** The GPUs that jobs may lease, as CUDA_VISIBLE_DEVICES names them; default none. */
  readonly gpus?: readonly string[] | undefined;
  /** Jobs are deleted with all their files this long after their end, ms; default never. */
  readonly retentionMs?: number | null | undefined;
  readonly logger: Logger;
  /** Receive every event of the runner; default none. */
  readonly listeners?: readonly RunnerListener[] | undefined;
  /** Maximum time from the launch of a job to its first report, ms; default one minute, because Python on a busy disk needs seconds. */
  readonly startTimeoutMs?: number | undefined;
  /** A job without a report for this long is STALLED, ms; default one minute. */
  readonly stalledAfterMs?: number | undefined;
  /** Time to save a checkpoint if a stop names none, ms; default 30 seconds. */
  readonly defaultGraceMs?: number | undefined;
  /** The webhooks that receive messages about jobs; default none. */
  readonly webhooks?: readonly Webhook[] | undefined;
  /** Delays after each failed attempt to send a message, ms; default as Standard Webhooks recommends, three days in total. */
  readonly webhookRetryWaitsMs?: readonly number[] | undefined;
}
