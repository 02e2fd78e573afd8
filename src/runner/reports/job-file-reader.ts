import { lstat } from 'node:fs/promises';
import type { ProofOfDeath } from '../job/outcome.ts';
import { readExitFile } from './exit-file.ts';
import { isCode } from '../system-errors.ts';
import { UnreadableFileError } from './read-json.ts';
import { type Claim, readClaim } from './status-claim.ts';
import { readStatusFile, type StatusFile } from './status-file.ts';
import type { Home } from '../home.ts';
import type { Job } from '../job/job.ts';
import type { LiveJob } from '../life/attempt-runtime.ts';
import type { Logger } from '../logger.ts';
import type { RunnerObserver } from '../telemetry.ts';

/** How long the last files of a dead job are tried again when they cannot be read, ms. */
const LAST_WORD_PATIENCE_MS = 60_000;

/** Reads what trainers and supervisors write. What cannot be trusted is logged once and counts as not there. */
export interface JobFileReader {
  /**
   * The status file, if it is there, to be trusted, and not the one that was read last.
   * @param evenIfSeen whether also that one: then it decides how the job ended, and a failure to read it now is thrown
   */
  readStatus(live: LiveJob, evenIfSeen: boolean): Promise<StatusFile | undefined>;
  /** What a status file that {@link readStatus} cannot use still claims; undefined when that cannot be read either. */
  readClaim(live: LiveJob): Promise<Claim | undefined>;
  /**
   * The exit file of the present attempt, if it is there and to be trusted.
   * @param last whether it decides how the job ended: then a failure to read it now is thrown
   */
  readExit(live: LiveJob, job: Job, last?: boolean): Promise<ProofOfDeath | undefined>;
}

export function createJobFileReader(home: Home, logger: Logger, observer: Required<RunnerObserver>): JobFileReader {
  return {
    readStatus,
    readClaim: (live) => readClaim(home, live.id).catch(() => undefined),
    readExit,
  };

  async function readStatus(live: LiveJob, evenIfSeen: boolean): Promise<StatusFile | undefined> {
    try {
      const { ino, mtimeNs, size } = await lstat(home.status(live.id), { bigint: true });
      const stamp = `${ino}:${mtimeNs}:${size}`;
      if (stamp === live.statusStamp && !evenIfSeen) return undefined;
      const file = await readStatusFile(home, live.id);
      // Stamped only after it was read: a failure to read (too many open files, say) is tried again.
      live.statusStamp = stamp;
      live.complaint = undefined;
      return file;
    } catch (error) {
      if (isCode(error, 'ENOENT')) return undefined;
      complain(live, 'status', error);
      if (evenIfSeen) tryLater(live, error);
      return undefined;
    }
  }

  async function readExit(live: LiveJob, job: Job, last = false): Promise<ProofOfDeath | undefined> {
    try {
      const exit = await readExitFile(home, live.id);
      return exit?.attempt === job.attempt ? { kind: 'EXIT_FILE', exit } : undefined;
    } catch (error) {
      complain(live, 'exit', error);
      if (last) tryLater(live, error);
      return undefined;
    }
  }

  /**
   * What decides how a dead job ended could not be read. A damaged file stays so, but too many open files, say, are over a
   * moment later: then `error` is thrown, and the next sweep reads it. Not for ever: a broken disk must not keep the slot.
   */
  function tryLater(live: LiveJob, error: unknown): void {
    if (error instanceof UnreadableFileError) return;
    live.lastWordSince ??= performance.now();
    if (performance.now() - live.lastWordSince < LAST_WORD_PATIENCE_MS) throw error;
  }

  function complain(live: LiveJob, kind: 'status' | 'exit', error: unknown): void {
    const message = `the ${kind} file cannot be used: ${error instanceof Error ? error.message : String(error)}`;
    if (live.complaint === message) return;
    live.complaint = message;
    observer.fileUnusable(kind);
    const level = error instanceof UnreadableFileError ? 'warn' : 'error';
    logger[level]({ jobId: live.id }, message);
  }
}
