import type { EventChannel, StatusApplied } from '../events.ts';
import type { Home } from '../home.ts';
import { applyStatus } from '../job/apply-status.ts';
import { decide, type DecideSettings, type Effect, type Facts, type Inspection } from '../job/decide.ts';
import type { Death, StatusReport } from '../job/reports.ts';
import { isTerminal } from '../job/status.ts';
import { requestStop, type StopRequest, stopWaiting } from '../job/stop.ts';
import { type Handle, type Job, startedAtOf } from '../job/types.ts';
import type { Launcher } from '../launchers/launcher.ts';
import type { Logger } from '../logger.ts';
import type { ReportReader } from '../reports/report-reader.ts';
import type { JobStore } from '../store/job-store.ts';
import { type AttemptClock, startClock } from './attempt-clock.ts';
import { createAttemptFiles } from './attempt-files.ts';
import { createDeadlines } from './deadlines.ts';
import { endOfAttempt } from './end-of-attempt.ts';
import { createExitEvidence } from './exit-evidence.ts';
import { createTurnLimit } from './turn-limit.ts';

/** A look takes up to 0.2 ms without waiting for anything, and thousands can be due at once. */
const LOOKS_AT_ONCE = 25;

/** Scope of a look. */
export interface Look {
  /** Whether to ask the launcher if the attempt is alive, and to check the job's limits. */
  readonly inspect: boolean;
  readonly foundBy: StatusApplied['foundBy'];
}

/**
 * Performs what `decide` decides. Calls for one job never overlap (the scheduler queues them), so nothing changes a job between the
 * facts and the effects.
 */
export interface AttemptExecutor {
  /**
   * Launches a queued job.
   * @param others the handles of all other launched attempts
   * @throws if it could not be recorded; the job is then still waiting
   */
  launch(jobId: string, others: readonly Handle[]): Promise<void>;
  /** Brings the job up to date with its files and, with `inspect`, its processes. */
  look(jobId: string, look: Look): Promise<void>;
  /** Records a stop request and passes it on. */
  stop(jobId: string, request: StopRequest): Promise<void>;
  /** Ends a job that was never launched; nothing happens to any other. */
  stopWaiting(jobId: string, reason: string): Promise<void>;
  /** Takes over an attempt from an earlier server: its limits count from its start, and a stop is requested again. */
  adopt(jobId: string): Promise<void>;
  /** Stops all timers. */
  close(): void;
}

export interface AttemptExecutorSettings extends DecideSettings {
  readonly home: Home;
  readonly launcher: Launcher;
  readonly reports: ReportReader;
  readonly jobs: JobStore;
  readonly events: EventChannel;
  readonly logger: Logger;
  /** Since when status files are watched, Unix ms. */
  readonly openedAt: number;
  /** Asks for a {@link AttemptExecutor.look} with `inspect`, soon. */
  readonly wake: (jobId: string) => void;
}

export function createAttemptExecutor(settings: AttemptExecutorSettings): AttemptExecutor {
  const { home, launcher, reports, jobs, events, logger, openedAt } = settings;
  const clocks = new Map<string, AttemptClock>();
  const deadlines = createDeadlines(settings.wake);
  const files = createAttemptFiles(home, launcher, logger);
  const evidence = createExitEvidence(launcher, reports);
  const looks = createTurnLimit(LOOKS_AT_ONCE);

  /** The job, if it has not ended. */
  function current(jobId: string): Job | undefined {
    const job = jobs.index.get(jobId);
    return job && !isTerminal(job.state.status) ? job : undefined;
  }

  function clockOf(jobId: string): AttemptClock {
    const clock = clocks.get(jobId) ?? startClock();
    clocks.set(jobId, clock);
    return clock;
  }

  /** @returns why there is no process; null if there is one */
  async function startProcess({ id, handle, request }: Job & { readonly handle: Handle }): Promise<Error | null> {
    try {
      await launcher.launch(handle, request);
      return null;
    } catch (error) {
      logger.error({ err: error, jobId: id }, 'cannot launch a job');
      // The launcher knows whether it is worth another try.
      settings.wake(id);
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  function applyReport(job: Job, report: StatusReport, foundBy: StatusApplied['foundBy']): Job {
    const handle = job.handle && launcher.recognize(job.handle, report.processes);
    const next = applyStatus(job, report, handle);
    if (next === job) return job;
    const clock = clockOf(job.id);
    clock.reportedAt = performance.now();
    if (clock.awaitsRunningTime && report.startedAt !== null) {
      clock.awaitsRunningTime = false;
      clock.runningSince = Math.min(clock.runningSince, clock.reportedAt - (report.updatedAt - report.startedAt));
    }
    jobs.replace(next);
    const { updatedAt } = next.progress;
    const delayMs = updatedAt < openedAt ? null : Math.max(0, Date.now() - updatedAt);
    events.publish({ type: 'statusApplied', delayMs, foundBy, unread: next.sequence - job.sequence - 1 });
    if (clock.unreportedSince !== undefined) {
      events.publish({ type: 'attemptReported', job: next, sinceLaunchMs: performance.now() - clock.unreportedSince });
    }
    clock.unreportedSince = undefined;
    return next;
  }

  function factsOf(jobId: string, inspection: Facts['inspection']): Facts {
    const clock = clockOf(jobId);
    const now = performance.now();
    return {
      now: Date.now(),
      inspection,
      overdue: clock.killAt !== undefined && now >= clock.killAt,
      silentMs: now - Math.max(clock.launchedAt, clock.reportedAt),
      runningMs: now - clock.runningSince,
    };
  }

  /** Time since the exit record was first seen, ms. */
  function sinceExitMs(jobId: string): number {
    const clock = clockOf(jobId);
    clock.exitSeenAt ??= performance.now();
    return performance.now() - clock.exitSeenAt;
  }

  async function perform(jobId: string, effect: Effect): Promise<void> {
    const job = current(jobId);
    if (!job?.handle) return;
    const { handle } = job;
    switch (effect.kind) {
      case 'LAUNCH':
        await startProcess({ ...job, handle });
        return;
      case 'UPDATE':
        return update(effect.job);
      case 'REQUEST_STOP':
        return launcher.requestStop(handle);
      case 'KILL':
        return launcher.kill(handle);
      case 'CONCLUDE':
        return conclude(job, effect.death);
      default:
        return effect satisfies never;
    }
  }

  /** Records a newer version of a job, and arms the deadline of a stop. */
  function update(job: Job): Promise<void> {
    jobs.replace(job);
    armDeadline(job, Date.now());
    return Promise.resolve();
  }

  /** Arms the deadline of a job that has one, not later than it was at `requestedAt` (Unix ms). */
  function armDeadline({ id, state }: Job, requestedAt: number): void {
    if (state.status !== 'STOPPING' || state.deadline === null) return;
    clockOf(id).killAt = deadlines.arm(id, state.deadline, requestedAt);
  }

  async function conclude(job: Job, death: Death): Promise<void> {
    const apply = (before: Job, report: StatusReport) => applyReport(before, report, 'sweep');
    const ended = await endOfAttempt(job, death, { home, reports, files, applyReport: apply });
    jobs.replace(ended);
    release(ended);
    const { state } = ended;
    logger.info(
      { jobId: job.id, status: state.status, ...('failure' in state && { failure: state.failure.reason }) },
      'job ended',
    );
  }

  function release(job: Job): void {
    deadlines.disarm(job.id);
    clocks.delete(job.id);
    reports.forget(job.id);
    if (job.handle) launcher.release(job.handle);
    events.publish({ type: 'jobEnded', job: jobs.index.get(job.id) ?? job });
  }

  function endWaiting(stopped: Job): Promise<void> {
    // Recorded first: if the server is killed in between, a status file that says STOPPED of a job that is still recorded as
    // waiting would keep its supervisor from starting it.
    jobs.replace(stopped);
    release(stopped);
    return files.writeStatus(stopped);
  }

  return {
    async launch(jobId, others) {
      const waiting = current(jobId);
      if (waiting?.state.status !== 'QUEUED' || waiting.handle !== null) return;
      const startedAt = performance.now();
      const { attempt, request } = waiting;
      const job = { ...waiting, handle: launcher.prepare({ jobId, attempt, gpus: request.gpus }, others) };
      const launched = (failure: Error | null) =>
        events.publish({ type: 'attemptLaunched', job, failure, durationMs: performance.now() - startedAt });
      events.publish({ type: 'attemptLaunching', job });
      try {
        await files.writeInputs(waiting);
        clocks.set(jobId, { ...startClock(), unreportedSince: startedAt });
        jobs.replace(job);
      } catch (error) {
        launched(error instanceof Error ? error : new Error(String(error)));
        throw error;
      }
      launched(await startProcess(job));
    },

    async look(jobId, { inspect, foundBy }) {
      await looks.enter();
      const job = current(jobId);
      if (!job?.handle) return;
      // The exit record first: if it is there, the status file read after it is the last one, unless it becomes visible later.
      const exit = await reports.readExit(jobId, job.attempt);
      const report = await reports.readStatus(jobId);
      const seen = report ? applyReport(job, report, foundBy) : job;
      let inspection: Inspection | null = null;
      if (exit) inspection = await evidence.inspectionOf(seen, exit, sinceExitMs(jobId));
      else if (inspect && seen.handle) inspection = await launcher.inspect(seen.handle);
      const death = typeof inspection === 'object' ? inspection : null;
      if (death?.dead && (await evidence.mayStillClaim(seen, death.dead, sinceExitMs(jobId)))) return;
      // Its start timeout has not begun.
      if (inspection === 'WAITING') clockOf(jobId).launchedAt = performance.now();
      for (const effect of decide(seen, factsOf(jobId, inspection), settings)) await perform(jobId, effect);
    },

    async stop(jobId, request) {
      const job = current(jobId);
      if (!job) return;
      const next = requestStop(job, request, Date.now());
      if (isTerminal(next.state.status)) return endWaiting(next);
      await update(next);
      await perform(jobId, { kind: 'REQUEST_STOP' });
    },

    async stopWaiting(jobId, reason) {
      const job = current(jobId);
      if (job?.state.status !== 'QUEUED' || job.handle !== null) return;
      await endWaiting(stopWaiting(job, reason, Date.now()));
    },

    async adopt(jobId) {
      const job = current(jobId);
      if (!job) return;
      const clock = clockOf(jobId);
      // Where files become visible late, they are those of another machine, whose clock may differ by minutes.
      if (launcher.visibleAfterMs !== undefined) clock.awaitsRunningTime = true;
      else clock.runningSince -= Math.max(0, Date.now() - (startedAtOf(job) ?? Date.now()));
      if (job.state.status !== 'STOPPING' || job.state.deadline === null) return;
      armDeadline(job, job.state.requestedAt ?? Date.now());
      if (job.state.cause === 'FOREIGN_SIGNAL') return;
      // Again, in case the last server died between the record and the signal.
      await perform(jobId, { kind: 'REQUEST_STOP' });
    },

    close: () => deadlines.close(),
  };
}
