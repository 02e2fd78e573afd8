import type { ExitReport } from '../../job/reports.ts';
import type { Handle } from '../../job/types.ts';
import type { Home } from '../../home.ts';
import { createKeyedQueue } from '../../keyed-queue.ts';
import type { Logger } from '../../logger.ts';
import type { Python } from '../../python/interpreter.ts';
import type { Launcher } from '../launcher.ts';
import { findDeath } from './find-death.ts';
import { type LocalHandle, localHandle, prepareHandle, recognizeProcesses } from './handle.ts';
import { readBootId } from './identity.ts';
import type { SpawnedSupervisor } from './spawned-supervisor.ts';
import { killAttempt, requestStop, type StopProgress } from './stop-attempt.ts';
import type { ForkServer } from './fork-server/create-fork-server.ts';
import { startSupervisor } from './start-supervisor.ts';
import { resourceEnvironment } from '../resource-environment.ts';

export interface LocalLauncherSettings {
  readonly home: Home;
  readonly python: Python;
  /** Starts attempts in milliseconds; null starts Python for each. */
  readonly forkServer: ForkServer | null;
  /** Maximum number of attempts that run at once. */
  readonly slots: number;
  /** The GPUs to lease, as CUDA_VISIBLE_DEVICES names them. */
  readonly gpus: readonly string[];
  /** Reads the exit record of an attempt; null if there is none. May throw if it cannot be read at the moment. */
  readonly readExit: (jobId: string, attempt: number) => Promise<ExitReport | null>;
  readonly logger: Logger;
}

/** State in memory of a live attempt. */
interface LocalAttempt extends StopProgress {
  spawned: SpawnedSupervisor | undefined;
}

/** Runs attempts as detached processes of this machine. Nothing else in the runner knows about processes. */
export function createLocalLauncher(settings: LocalLauncherSettings): Launcher {
  const { home, python, forkServer, slots, gpus, readExit, logger } = settings;
  const bootId = readBootId();
  const attempts = new Map<string, LocalAttempt>();
  const wakes = new Set<(jobId: string) => void>();
  const stops = createKeyedQueue();

  const keyOf = ({ jobId, attempt }: LocalHandle) => `${jobId} ${attempt}`;

  function attemptOf(handle: LocalHandle): LocalAttempt {
    const key = keyOf(handle);
    const known = attempts.get(key);
    if (known) return known;
    const attempt: LocalAttempt = { spawned: undefined, signalled: undefined, killedAt: undefined };
    attempts.set(key, attempt);
    return attempt;
  }

  return {
    capacity: () => Promise.resolve({ slots, gpus: gpus.length }),
    prepare: (attempt, others) => prepareHandle(attempt, gpus, others),
    recognize: (handle, processes) => recognizeProcesses(localHandle(handle), processes),
    describe(handle) {
      const { supervisor, trainer, gpuDevices } = localHandle(handle);
      return { pid: trainer?.pid ?? null, gpuDevices: gpuDevices ?? [], processes: { supervisor, trainer } };
    },
    async launch(opaque, request) {
      const handle = localHandle(opaque);
      const { jobId, gpuDevices } = handle;
      const attempt = attemptOf(handle);
      if (attempt.spawned && !attempt.spawned.exit) return;
      const spawned: SpawnedSupervisor = { identity: undefined, exit: undefined };
      const limits = resourceEnvironment(request);
      // The libraries in the fork server have read their numbers of threads.
      await startSupervisor(spawned, Object.keys(limits).length > 0 ? null : forkServer, {
        python,
        home,
        jobId,
        attempt: handle.attempt,
        // Without a lease the user's own CUDA_VISIBLE_DEVICES is passed on.
        environment: {
          ...(gpuDevices !== null && { CUDA_VISIBLE_DEVICES: gpuDevices.join(',') }),
          ...limits,
        },
        bootId,
        onStart: () => (attempt.spawned = spawned),
        onExit: () => {
          for (const wake of wakes) wake(jobId);
        },
      });
    },
    async inspect(opaque) {
      const handle = localHandle(opaque);
      const found = await findDeath(handle, attempts.get(keyOf(handle))?.spawned, bootId);
      if (typeof found === 'string') return found;
      // The exit record is better proof than the identity, and may have been written just now.
      const exit = await readExit(handle.jobId, handle.attempt);
      return exit ? { dead: exit, cause: { kind: 'EXITED' } } : { dead: null, cause: found };
    },
    requestStop(opaque) {
      const handle = localHandle(opaque);
      // One after the other: of two calls at once, the second sees that the first has delivered the signal.
      return stops.run(keyOf(handle), async () => {
        const attempt = attemptOf(handle);
        await requestStop(handle, attempt.spawned?.identity, attempt, bootId);
      });
    },
    async kill(opaque) {
      const handle = localHandle(opaque);
      const attempt = attemptOf(handle);
      await killAttempt(handle, attempt.spawned?.identity, attempt, { bootId, logger });
    },
    release(handle: Handle) {
      attempts.delete(keyOf(localHandle(handle)));
    },
    watch(wake) {
      wakes.add(wake);
      return { [Symbol.dispose]: () => void wakes.delete(wake) };
    },
  };
}
