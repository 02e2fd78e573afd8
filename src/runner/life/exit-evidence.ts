import type { Inspection } from '../job/decide.ts';
import type { Death, ExitReport } from '../job/reports.ts';
import { isTerminal, type JobStatus } from '../job/status.ts';
import type { Job } from '../job/types.ts';
import type { Launcher } from '../launchers/launcher.ts';
import type { ReportReader } from '../reports/report-reader.ts';

/** How long to ask a workload manager why an attempt with an exit record ended, ms. */
const MAX_EXPLANATION_MS = 60_000;

/** What the exit record of an attempt proves, together with its last status and the workload manager. */
export interface ExitEvidence {
  /**
   * An exit record is proof of death. If it does not say why, the workload manager may.
   * @param sinceExitMs time since the record was first seen
   */
  inspectionOf(job: Job, exit: ExitReport, sinceExitMs: number): Promise<Inspection>;
  /**
   * Whether the trainer exited by itself, and the status file in which it says how may still become visible: over a shared file system,
   * files do so in any order.
   * @param sinceExitMs time since the record was first seen
   */
  mayStillClaim(job: Job, exit: ExitReport, sinceExitMs: number): Promise<boolean>;
}

export function createExitEvidence(launcher: Launcher, reports: Pick<ReportReader, 'readLastStatus'>): ExitEvidence {
  /** The last status of the attempt; undefined if no report of it can be read. */
  async function claimOf({ id, attempt }: Job): Promise<JobStatus | undefined> {
    const report = await reports.readLastStatus(id);
    return report?.attempt === attempt ? report.status : undefined;
  }

  return {
    async inspectionOf(job, exit, sinceExitMs) {
      const death: Death = { dead: exit, cause: { kind: 'EXITED' } };
      if (!job.handle || !launcher.engineReason) return death;
      const claim = await claimOf(job);
      if (!isUnexplained(job, exit, claim)) return death;
      const engine = await launcher.engineReason(job.handle);
      if (engine === 'UNKNOWN') return sinceExitMs < MAX_EXPLANATION_MS ? 'UNKNOWN' : death;
      return engine === null ? death : { ...death, engine };
    },

    async mayStillClaim(job, exit, sinceExitMs) {
      const { visibleAfterMs = 0 } = launcher;
      if (visibleAfterMs === 0 || exit.exitCode === null || sinceExitMs >= visibleAfterMs) return false;
      const claim = await claimOf(job);
      return claim === undefined || !isTerminal(claim);
    },
  };
}

/** Whether the files leave open who ended the attempt: a signal came, and this runner did not send it. */
function isUnexplained({ state }: Job, { signal, outOfMemory }: ExitReport, claim: JobStatus | undefined): boolean {
  if (state.status === 'STOPPING') return state.cause === 'FOREIGN_SIGNAL' && claim !== 'COMPLETED';
  return signal !== null || outOfMemory || claim === 'STOPPING' || claim === 'STOPPED';
}
