import { readLog } from '../history/log.ts';
import type { Home } from '../home.ts';
import { progressOf } from '../job/apply-status.ts';
import { outcomeOf } from '../job/outcome.ts';
import type { Death, StatusReport } from '../job/reports.ts';
import { retryTime } from '../job/retry.ts';
import { stopOutcomeOf } from '../job/stop-outcome.ts';
import { transition } from '../job/transition.ts';
import type { Job } from '../job/types.ts';
import type { ReportReader } from '../reports/report-reader.ts';
import type { AttemptFiles } from './attempt-files.ts';
import { locateCheckpoint } from './locate-checkpoint.ts';

const LAST_LOG_LINES = 20;

export interface EndOfAttemptSettings {
  readonly home: Home;
  readonly reports: ReportReader;
  readonly files: AttemptFiles;
  /** Applies a status report to the job and returns its newer version. */
  readonly applyReport: (job: Job, report: StatusReport) => Job;
}

/**
 * Works out how a dead attempt ended, from its last files, and writes the final status file unless the trainer did.
 * @returns the ended job, not recorded yet
 * @throws if the last files cannot be read at the moment
 */
export async function endOfAttempt(
  job: Job,
  death: Death,
  { home, reports, files, applyReport }: EndOfAttemptSettings,
): Promise<Job> {
  // Nothing writes it any more: this is the last report of the attempt.
  const read = await reports.readLastStatus(job.id);
  const lastReport = read?.attempt === job.attempt ? read : undefined;
  const seen = lastReport ? applyReport(job, lastReport) : job;
  const log = await readLog(home.log(job.id), { last: LAST_LOG_LINES }).catch(() => ({ lines: [] }));
  const lastLogLines = log.lines.map(({ text }) => text);
  const claim = read ?? (await reports.readClaim(job.id));
  const now = Date.now();
  const state = outcomeOf(seen, { death, claim, lastLogLines, now, home: home.root });
  const reads = lastReport?.readsCheckpoint ?? seen.findsCheckpoint;
  // A folder that cannot be read must not keep a job from ending: the next resume looks again.
  const located = reads === null ? {} : await locateCheckpoint(home, seen, reads).catch(() => ({}));
  const finishedAt = 'finishedAt' in state ? state.finishedAt : now;
  const known = lastReport && lastReport.sequence >= seen.sequence ? progressOf(seen, lastReport) : seen.progress;
  // If only the claim could be read, the numbers are those of an earlier report.
  const numbers = state.status === 'COMPLETED' ? { ...known, percent: 100 } : known;
  const ended: Job = {
    ...transition(seen, state, finishedAt, { ...numbers, etaSeconds: null }),
    ...located,
    retryAt: retryTime(seen, state, now),
    stop: stopOutcomeOf(seen, death, claim),
    peakMemoryBytes: death.dead?.peakMemoryBytes ?? null,
  };
  if (lastReport?.status === state.status) return ended;
  const final = { ...ended, sequence: ended.sequence + 1 };
  await files.writeStatus(final);
  return final;
}
