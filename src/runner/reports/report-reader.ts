import { type BigIntStats, lstatSync } from 'node:fs';
import { lstat } from 'node:fs/promises';
import type { EventChannel } from '../events.ts';
import type { Home } from '../home.ts';
import type { Claim, ExitReport, StatusReport } from '../job/reports.ts';
import { isLocalFolder } from '../local-folder.ts';
import type { Logger } from '../logger.ts';
import { isCode } from '../system-errors.ts';
import { readExitFile } from './exit-file.ts';
import { MAX_JSON_BYTES, readJson, readJsonAtOnce, UnreadableFileError } from './read-json.ts';
import { readClaim } from './status-claim.ts';
import { readStatusFile } from './status-file.ts';

/** How long to retry reading the last files of a dead job, ms. */
const LAST_REPORT_PATIENCE_MS = 60_000;
/** Larger status files wait for each other: parsing 1 MiB takes about 20 ms, in which no client gets an answer. */
const LARGE_BYTES = 64 * 1024;
/** Bytes of large status files read in a millisecond, for all jobs together: about a fifth of the time of the event loop. */
const LARGE_BYTES_PER_MS = 8 * 1024;

/** Reads the files that trainers and supervisors write. A file that cannot be trusted is logged once and counts as missing. */
export interface ReportReader {
  /**
   * The status report of a job; undefined if it is missing, not to be trusted, or the same file as last time. Also if it is large
   * and others were read just before: then the next call may read it.
   */
  readStatus(jobId: string): Promise<StatusReport | undefined>;
  /**
   * The last status report of a dead job, also if it was read before.
   * @throws if it cannot be read at the moment, for a minute: it decides how the job ended
   */
  readLastStatus(jobId: string): Promise<StatusReport | undefined>;
  /** The claim in a status file that {@link readLastStatus} cannot use; undefined if that cannot be read either. */
  readClaim(jobId: string): Promise<Claim | undefined>;
  /** The exit report of an attempt; null if it is missing or not to be trusted. */
  readExit(jobId: string, attempt: number): Promise<ExitReport | null>;
  /**
   * The exit report of an attempt whose processes are gone.
   * @throws if it cannot be read at the moment, for a minute: it decides how the job ended
   */
  readLastExit(jobId: string, attempt: number): Promise<ExitReport | null>;
  /** Frees what is held in memory for a job. */
  forget(jobId: string): void;
}

export interface ReportReaderSettings {
  readonly home: Home;
  readonly logger: Logger;
  readonly events: EventChannel;
  /** Whether the files are on a disk of this machine, and so read without waiting. Default: found out. */
  readonly isLocal?: boolean;
}

/** State of the files of one job. */
interface KnownFiles {
  /** Inode, time and size of the status file that was read last: the same file is not read twice. */
  statusStamp: string;
  /** The last logged problem, so that it is logged once and not each second. */
  complaint: string | undefined;
  /** Monotonic ms since which a last file cannot be read. */
  unreadableSince: number | undefined;
}

export function createReportReader(settings: ReportReaderSettings): ReportReader {
  const { home, logger, events, isLocal = isLocalFolder(home.artifacts) } = settings;
  const read = isLocal ? readJsonAtOnce : readJson;
  const known = new Map<string, KnownFiles>();
  /** Monotonic ms from which the next large status file may be read. */
  let nextLargeAt = 0;

  function filesOf(jobId: string): KnownFiles {
    const files = known.get(jobId) ?? { statusStamp: '', complaint: undefined, unreadableSince: undefined };
    known.set(jobId, files);
    return files;
  }

  async function readStatus(jobId: string, isLast: boolean): Promise<StatusReport | undefined> {
    const files = filesOf(jobId);
    let stamp = '';
    try {
      const found = isLocal ? lstatAtOnce(home.status(jobId)) : await lstat(home.status(jobId), { bigint: true });
      if (!found) return undefined;
      const { ino, mtimeNs, size } = found;
      stamp = `${ino}:${mtimeNs}:${size}`;
      if (stamp === files.statusStamp && !isLast) return undefined;
      // The first report of a job is exempt: a new server reads all of them before it answers.
      if (files.statusStamp !== '' && !isLast && !mayReadNow(Number(size))) return undefined;
      const report = await readStatusFile(home, jobId, read);
      // Only once it was read: a read that fails (too many open files, say) is retried.
      files.statusStamp = stamp;
      files.complaint = undefined;
      return report;
    } catch (error) {
      if (isCode(error, 'ENOENT')) return undefined;
      // A damaged file stays damaged: reading it again each second is pointless.
      if (error instanceof UnreadableFileError) files.statusStamp = stamp;
      complain(jobId, 'status', error);
      if (isLast) retryLater(jobId, error);
      return undefined;
    }
  }

  /** Whether a status file of this size may be read now, within the rate for large ones. */
  function mayReadNow(bytes: number): boolean {
    // A file that is too large is refused unread.
    if (bytes <= LARGE_BYTES || bytes > MAX_JSON_BYTES) return true;
    const now = performance.now();
    if (now < nextLargeAt) return false;
    nextLargeAt = now + bytes / LARGE_BYTES_PER_MS;
    return true;
  }

  async function readExit(jobId: string, attempt: number, isLast: boolean): Promise<ExitReport | null> {
    try {
      const exit = await readExitFile(home, jobId, read);
      return exit?.attempt === attempt ? exit : null;
    } catch (error) {
      complain(jobId, 'exit', error);
      if (isLast) retryLater(jobId, error);
      return null;
    }
  }

  /**
   * A damaged file stays damaged, but too many open files, say, are over a moment later: then `error` is thrown, and the next sweep
   * tries again. Only for a while: a broken disk must not keep the slot.
   */
  function retryLater(jobId: string, error: unknown): void {
    if (error instanceof UnreadableFileError) return;
    const files = filesOf(jobId);
    files.unreadableSince ??= performance.now();
    if (performance.now() - files.unreadableSince < LAST_REPORT_PATIENCE_MS) throw error;
  }

  function complain(jobId: string, kind: 'status' | 'exit', error: unknown): void {
    const message = `the ${kind} file cannot be used: ${error instanceof Error ? error.message : String(error)}`;
    const files = filesOf(jobId);
    if (files.complaint === message) return;
    files.complaint = message;
    events.publish({ type: 'fileUnusable', kind });
    const level = error instanceof UnreadableFileError ? 'warn' : 'error';
    logger[level]({ jobId }, message);
  }

  return {
    readStatus: (jobId) => readStatus(jobId, false),
    readLastStatus: (jobId) => readStatus(jobId, true),
    readClaim: (jobId) => readClaim(home, jobId).catch(() => undefined),
    readExit: (jobId, attempt) => readExit(jobId, attempt, false),
    readLastExit: (jobId, attempt) => readExit(jobId, attempt, true),
    forget: (jobId) => void known.delete(jobId),
  };
}

function lstatAtOnce(path: string): BigIntStats | undefined {
  return lstatSync(path, { bigint: true, throwIfNoEntry: false });
}
