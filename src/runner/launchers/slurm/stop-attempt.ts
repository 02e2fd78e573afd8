import type { Logger } from '../../logger.ts';
import type { SlurmCommands } from './commands.ts';
import type { SlurmHandle } from './handle.ts';
import type { SlurmAttempt } from './slurm-attempt.ts';
import { hasEnded, isWaiting, type SlurmJob } from './slurm-job.ts';

/** Time that the supervisor gets to write the exit record after SIGKILL to the trainer, ms. */
const SUPERVISOR_GRACE_MS = 5_000;
/** Time between two attempts to kill everything, ms: a controller does not need one each second. */
const REPEAT_MS = 5_000;

/** Ends attempts through Slurm. Both may be called repeatedly. An error is logged: the next call tries again. */
export interface Stops {
  /** Removes a job from the queue, or asks its trainer once to save and end. */
  requestStop(job: SlurmJob | undefined, attempt: SlurmAttempt): Promise<void>;
  /** Kills the trainer, so that its supervisor records that, and a few seconds later everything. */
  kill(handle: SlurmHandle, job: SlurmJob | undefined, attempt: SlurmAttempt): Promise<void>;
}

export function createStops(commands: SlurmCommands, logger: Logger): Stops {
  /** @returns whether Slurm has accepted it */
  async function accepted(command: () => Promise<void>): Promise<boolean> {
    try {
      await command();
      return true;
    } catch (error) {
      // The job may have ended just now, and the controller may be unavailable.
      logger.debug({ err: error }, 'scancel failed');
      return false;
    }
  }

  return {
    async requestStop(job, attempt) {
      if (!job || hasEnded(job) || attempt.signalled === job.id) return;
      if (isWaiting(job)) {
        await accepted(() => commands.cancel(job.id, 'WAITING'));
        return;
      }
      if (await accepted(() => commands.signal(job.id, 'TERM'))) attempt.signalled = job.id;
    },
    async kill({ jobId }, job, attempt) {
      if (!job || hasEnded(job)) return;
      const now = performance.now();
      if (isWaiting(job)) {
        await accepted(() => commands.cancel(job.id, 'ANY'));
        return;
      }
      if (attempt.killedAt === undefined) {
        attempt.killedAt = now;
        logger.warn({ jobId }, 'the trainer did not stop in time and is killed');
        await accepted(() => commands.signal(job.id, 'USR2'));
        return;
      }
      if (now - attempt.killedAt < SUPERVISOR_GRACE_MS || now - (attempt.killRepeatedAt ?? -Infinity) < REPEAT_MS)
        return;
      attempt.killRepeatedAt = now;
      await accepted(() => commands.killAll(job.id));
      await accepted(() => commands.cancel(job.id, 'ANY'));
    },
  };
}
