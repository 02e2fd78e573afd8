import { fileURLToPath } from 'node:url';
import type { Home } from '../../home.ts';
import type { ExitReport } from '../../job/reports.ts';
import { createKeyedQueue } from '../../keyed-queue.ts';
import type { Logger } from '../../logger.ts';
import type { Python } from '../../python/interpreter.ts';
import type { Launcher } from '../launcher.ts';
import { createSlurmCommands, SlurmError } from './commands.ts';
import { prepareHandle, recognizeProcesses, type SlurmHandle, slurmHandle } from './handle.ts';
import { createJobList } from './job-list.ts';
import { createJudge } from './judge.ts';
import { type SlurmAttempt, newestOf } from './slurm-attempt.ts';
import { hasEnded, isWaiting } from './slurm-job.ts';
import { createStops } from './stop-attempt.ts';
import { isTemporary } from './submit-error.ts';
import { scriptArguments, submitOptions } from './submit-options.ts';
import { describeReason } from './waiting-for.ts';

export interface SlurmLauncherSettings {
  readonly home: Home;
  readonly python: Python;
  /** Reads the exit record of an attempt; null if there is none. May throw if it cannot be read at the moment. */
  readonly readExit: (jobId: string, attempt: number) => Promise<ExitReport | null>;
  readonly logger: Logger;
  /** Time between two questions to the controller, ms; default 5 s. */
  readonly pollMs?: number | undefined;
  /** Maximum time until a file that a node has written is visible here, ms; default 60 s, as on NFS. */
  readonly visibleAfterMs?: number | undefined;
  /**
   * Time without a change of its files after which an attempt is dead that Slurm does not know any more, or whose node Slurm has given
   * up, ms; default 60 s: the reporter writes system metrics every 10 s.
   */
  readonly silentAfterMs?: number | undefined;
}

const SCRIPT = fileURLToPath(new URL('../../../../python/trainyard/batch_step.sh', import.meta.url));
const POLL_MS = 5_000;
const VISIBLE_AFTER_MS = 60_000;
const SILENT_AFTER_MS = 60_000;
/** A stop looks at what Slurm said at most this long ago, ms: a job that waited may have started. */
const FRESH_MS = 1_000;
/** Maximum number of concurrent submissions. */
const MAX_SUBMISSIONS = 4;

/**
 * Runs attempts as jobs of a Slurm cluster. The home folder is on a file system that all nodes share. Slurm is asked whether an attempt
 * lives; everything else is in the files, as on one machine. A controller that does not answer proves nothing.
 */
export function createSlurmLauncher(settings: SlurmLauncherSettings): Launcher {
  const { home, python, readExit, logger } = settings;
  const commands = createSlurmCommands(environmentOf(python));
  const openedAt = performance.now();
  const attempts = new Map<string, SlurmAttempt>();
  const work = createKeyedQueue();
  const lanes = createKeyedQueue();
  let submissions = 0;
  const list = createJobList({ list: commands.list, pollMs: settings.pollMs ?? POLL_MS, logger });
  const visibleAfterMs = settings.visibleAfterMs ?? VISIBLE_AFTER_MS;
  const silentAfterMs = settings.silentAfterMs ?? SILENT_AFTER_MS;
  const judge = createJudge({ home, commands, readExit, visibleAfterMs, silentAfterMs, logger });
  const stops = createStops(commands, logger);

  function attemptOf({ name }: SlurmHandle): SlurmAttempt {
    const known = attempts.get(name);
    if (known) return known;
    const attempt: SlurmAttempt = { changedAt: openedAt };
    attempts.set(name, attempt);
    return attempt;
  }

  /** Slurm's knowledge of an attempt; undefined if Slurm does not answer. */
  async function find(handle: SlurmHandle, since: number) {
    const snapshot = list.newest();
    const current = snapshot && snapshot.askedAt > since ? snapshot : await list.since(since);
    return current && { jobs: current.jobs.get(handle.name) ?? [], askedAt: current.askedAt };
  }

  return {
    visibleAfterMs,
    capacity: () => Promise.resolve('EXTERNAL'),
    prepare: ({ jobId, attempt }) => prepareHandle(jobId, attempt),
    recognize: (handle, processes) => recognizeProcesses(slurmHandle(handle), processes),
    describe(handle) {
      const { supervisor, trainer } = slurmHandle(handle);
      return { pid: trainer?.pid ?? null, gpuDevices: [], processes: { supervisor, trainer } };
    },
    launch(opaque, request) {
      const handle = slurmHandle(opaque);
      return work.run(handle.name, async () => {
        const attempt = attemptOf(handle);
        attempt.refused = undefined;
        // `sbatch` twice is two jobs: the name tells whether an earlier submission, whose answer was lost, has arrived.
        const found = await find(handle, attempt.changedAt);
        if (!found) throw new SlurmError('Slurm does not answer.');
        if (attempt.submitted && attempt.submitted.at > found.askedAt) return;
        const newest = newestOf(found.jobs);
        if (newest && !judge.hadNothingToDo(newest)) return;
        await submit(handle, attempt, submitOptions(handle, request, python.spawnOptions.cwd));
      });
    },
    async inspect(opaque) {
      const handle = slurmHandle(opaque);
      const attempt = attemptOf(handle);
      if (attempt.refused !== undefined) {
        return { dead: null, cause: { kind: 'SPAWN_FAILED', message: attempt.refused } };
      }
      const found = await find(handle, attempt.submitted ? -Infinity : attempt.changedAt);
      if (!found) return 'UNKNOWN';
      return judge.inspect(handle, attempt, found);
    },
    async engineReason(opaque) {
      const handle = slurmHandle(opaque);
      const attempt = attemptOf(handle);
      attempt.exitSeenAt ??= performance.now();
      const found = await find(handle, attempt.exitSeenAt);
      if (!found) return 'UNKNOWN';
      const newest = newestOf(found.jobs);
      if (newest) return hasEnded(newest) ? judge.explain(newest) : 'UNKNOWN';
      return judge.engineReasonInAccounting(handle);
    },
    waitingFor(opaque) {
      const { name, supervisor } = slurmHandle(opaque);
      if (supervisor !== null) return null;
      const newest = newestOf(list.newest()?.jobs.get(name) ?? []);
      return newest && isWaiting(newest) ? describeReason(newest) : null;
    },
    requestStop(opaque) {
      const handle = slurmHandle(opaque);
      return work.run(handle.name, async () => {
        const attempt = attemptOf(handle);
        const found = await find(handle, Math.max(attempt.changedAt, performance.now() - FRESH_MS));
        if (found) await stops.requestStop(newestOf(found.jobs), attempt);
      });
    },
    async kill(opaque) {
      const handle = slurmHandle(opaque);
      const attempt = attemptOf(handle);
      const found = await find(handle, Math.max(attempt.changedAt, performance.now() - FRESH_MS));
      if (found) await stops.kill(handle, newestOf(found.jobs), attempt);
    },
    release(handle) {
      attempts.delete(slurmHandle(handle).name);
    },
  };

  async function submit(handle: SlurmHandle, attempt: SlurmAttempt, options: readonly string[]): Promise<void> {
    try {
      const id = await lanes.run(String(submissions++ % MAX_SUBMISSIONS), () =>
        commands.submit(options, SCRIPT, scriptArguments(handle, home, python.path)),
      );
      attempt.submitted = { id, at: performance.now() };
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (!isTemporary(message)) attempt.refused = `Slurm refused the job: ${message}`;
      throw error;
    } finally {
      // Discard earlier answers: the submission may have arrived although it failed.
      attempt.changedAt = performance.now();
    }
  }
}

/** The environment of the jobs: that of all trainings, and where Slurm finds its settings. The GPUs of this machine are not theirs. */
function environmentOf(python: Python): NodeJS.ProcessEnv {
  const conf = process.env['SLURM_CONF'];
  return {
    ...python.spawnOptions.env,
    CUDA_VISIBLE_DEVICES: undefined,
    ...(conf !== undefined && { SLURM_CONF: conf }),
  };
}
