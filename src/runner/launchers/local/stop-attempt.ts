import type { ProcessIdentity } from '../../job/reports.ts';
import type { Logger } from '../../logger.ts';
import type { LocalHandle } from './handle.ts';
import { findAnyProcess, findTrainer, isSame, livenessOf } from './identity.ts';
import { killGroup, signalProcess } from './signal.ts';

/** Time that the supervisor gets to write the exit record after SIGKILL to the trainer, ms. */
const SUPERVISOR_GRACE_MS = 5_000;

/** The progress of a stop, in memory. */
export interface StopProgress {
  /** The process that received SIGTERM. */
  signalled: ProcessIdentity | undefined;
  /** Monotonic ms of the first SIGKILL. */
  killedAt: number | undefined;
}

/** Sends SIGTERM once: to the supervisor, which passes it on to a trainer that it is only about to start, or to the trainer. */
export async function requestStop(
  handle: LocalHandle,
  spawned: ProcessIdentity | undefined,
  progress: StopProgress,
  bootId: string,
): Promise<void> {
  const { signalled } = progress;
  if (signalled && isSame(signalled, handle.trainer)) return;
  // It may have died before it passed the signal on, or was a second supervisor that had nothing to do.
  if (signalled && (await livenessOf(signalled, bootId)) !== 'DEAD') return;
  for (const target of [handle.supervisor ?? spawned, handle.trainer]) {
    if (target && (await signalProcess(target, 'SIGTERM', bootId))) {
      progress.signalled = target;
      return;
    }
  }
}

/** Kills the trainer's group and, if that does not end the attempt within a few seconds, its supervisor. */
export async function killAttempt(
  handle: LocalHandle,
  spawned: ProcessIdentity | undefined,
  progress: StopProgress,
  { bootId, logger }: { readonly bootId: string; readonly logger: Logger },
): Promise<void> {
  if (progress.killedAt === undefined) {
    logger.warn({ jobId: handle.jobId }, 'the trainer did not stop in time and is killed');
    progress.killedAt = performance.now();
  }
  // A trainer that has not reported yet is found by its command line.
  const trainer = handle.trainer ?? (await findTrainer(handle.jobId, bootId));
  if (trainer && trainer !== 'UNKNOWN') await killGroup(trainer, bootId);
  if (trainer && performance.now() - progress.killedAt < SUPERVISOR_GRACE_MS) return;
  // There is no trainer, or its death did not end the supervisor: it hangs, or is suspended itself.
  const supervisor = handle.supervisor ?? spawned ?? (await findAnyProcess(handle.jobId, bootId));
  if (supervisor && supervisor !== 'UNKNOWN') await signalProcess(supervisor, 'SIGKILL', bootId);
}
