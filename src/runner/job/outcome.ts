import type { ExitFile } from '../reports/exit-file.ts';
import type { Claim } from '../reports/status-claim.ts';
import type { FailureReason, Job, JobFailure, JobState } from './job.ts';
import { startedAtOf } from './apply-status.ts';

/** Proof that no process of an attempt lives any more. */
export type ProofOfDeath =
  | { readonly kind: 'EXIT_FILE'; readonly exit: ExitFile }
  /** Found dead by identity, without an exit file. */
  | { readonly kind: 'GONE'; readonly rebooted: boolean }
  /** The supervisor never came to life. */
  | { readonly kind: 'NEVER_STARTED'; readonly reason: 'SPAWN_FAILED' | 'START_TIMEOUT'; readonly message: string };

/**
 * How a job ended: the table "A trainer's terminal status is a claim" of PROTOCOL.md.
 * @param claim the last status file of the attempt, or what its start still says; undefined if neither can be read
 * @param lastLogLines what the process printed last
 */
export function conclude(
  job: Job,
  proof: ProofOfDeath,
  claim: Claim | undefined,
  lastLogLines: readonly string[],
  now: number,
): JobState {
  const startedAt = startedAtOf(job) ?? claim?.started_at ?? null;
  const claimed = claim?.attempt === job.attempt ? claim.status : undefined;
  const stop = job.state.status === 'STOPPING' && job.state.deadline !== null ? job.state.cause : undefined;
  const exit = proof.kind === 'EXIT_FILE' ? proof.exit : undefined;
  const finishedAt = exit ? Math.min(exit.finished_at, now) : now;
  const ended = (status: 'COMPLETED' | 'STOPPED'): JobState => ({ status, startedAt, finishedAt });
  const failed = (reason: FailureReason, message: string): JobState => {
    const failure: JobFailure = {
      reason,
      message,
      exitCode: exit?.exit_code ?? null,
      signal: exit?.signal ?? null,
      peakMemoryBytes: exit?.max_rss_bytes ?? null,
      lastLogLines,
    };
    return { status: 'ERROR', startedAt, finishedAt, failure };
  };

  if (claimed === 'COMPLETED' && (!exit || exit.exit_code === 0)) return ended('COMPLETED');
  if (claimed === 'ERROR' && claim?.error) return failed(claim.error.reason, claim.error.message);
  switch (stop) {
    case 'USER':
      return ended('STOPPED');
    case 'TIME_LIMIT':
      return failed('TIME_LIMIT', limitMessage(`ran longer than its limit of ${job.request.timeLimitSeconds} seconds`));
    case 'STALL_LIMIT':
      return failed('TIME_LIMIT', limitMessage(`reported nothing for ${job.request.stallLimitSeconds} seconds`));
    case 'START_TIMEOUT':
      return failed(
        'START_TIMEOUT',
        'The trainer was started but never reported. Does this Python hang, for example on a network drive?',
      );
    case undefined:
      break;
    default:
      return stop satisfies never;
  }

  switch (proof.kind) {
    case 'NEVER_STARTED':
      return failed(proof.reason, proof.message);
    case 'GONE':
      if (claimed === 'STOPPED') return ended('STOPPED');
      return proof.rebooted
        ? failed('HOST_REBOOT', 'The machine was restarted while the job ran.')
        : failed(
            'VANISHED',
            'The process and its supervisor are gone and left no word. Were they killed together, for example by a service manager that kills the whole control group, or was the disk full?',
          );
    case 'EXIT_FILE': {
      const { exit_code: code, signal, oom_killed: outOfMemory, spawn_error: spawnError } = proof.exit;
      if (spawnError !== null) return failed('SPAWN_FAILED', `The trainer could not be started: ${spawnError}`);
      if (outOfMemory) {
        return failed(
          'OUT_OF_MEMORY',
          'The kernel killed the trainer because memory ran out. Use a smaller batchSize, less data, or a machine with more memory.',
        );
      }
      if (signal !== null) {
        return failed('SIGNAL', `The trainer was ended by ${signal}, which Trainyard did not send.`);
      }
      if (claimed === 'STOPPED') return ended('STOPPED');
      if (code !== 0) return failed('EXIT_NONZERO', `The trainer ended with exit code ${code}. The log says more.`);
      return failed('TRAINER_ERROR', 'The trainer ended without saying that it had finished.');
    }
    default:
      return proof satisfies never;
  }
}

function limitMessage(what: string): string {
  return `The training ${what} and was stopped. What it had saved is kept: resume it to go on.`;
}
