import type { followJob } from '../../../src/runner/feeds/job-feed.ts';
import type { ExitReport } from '../../../src/runner/job/reports.ts';
import type { createLocalLauncher } from '../../../src/runner/launchers/local/create-local-launcher.ts';
import type { createQueue } from '../../../src/runner/life/queue.ts';
import type { createReportReader } from '../../../src/runner/reports/report-reader.ts';
import type { createJobStore } from '../../../src/runner/store/job-store.ts';

/** The environment variable that names one of {@link BUGS}, for a process that `plant-bug.ts` is loaded into with `--import`. */
export const PLANTED_BUG = 'FAULT_PLANTED_BUG';

/**
 * An exported function of a module that is replaced by one that breaks a promise. What is inside the module may change freely. If the
 * function moves or gets another name, the type check and the planting fail.
 */
interface Bug {
  readonly module: URL;
  /** The name of the export. */
  readonly replaces: string;
  /** Makes the broken function from the sound one. */
  breakIt(sound: never): unknown;
}

const runner = (path: string) => new URL(`../../../src/runner/${path}`, import.meta.url);

/** The planted bugs. This module imports only types of the program, so that it can be loaded in front of any of its modules. */
export const BUGS = {
  publishesWithoutRecording: {
    module: runner('store/job-store.ts'),
    replaces: 'createJobStore',
    breakIt: (sound: typeof createJobStore): typeof createJobStore => {
      return (settings) => sound({ ...settings, record: { ...settings.record, saveAll: () => undefined } });
    },
  },
  takesUnknownForDead: {
    module: runner('launchers/local/create-local-launcher.ts'),
    replaces: 'createLocalLauncher',
    breakIt: (sound: typeof createLocalLauncher): typeof createLocalLauncher => {
      return (settings) => {
        const launcher = sound(settings);
        return {
          ...launcher,
          async inspect(handle) {
            const found = await launcher.inspect(handle);
            return found === 'UNKNOWN' ? { dead: null, cause: { kind: 'GONE', rebooted: false } } : found;
          },
        };
      };
    },
  },
  takesClaimForExit: {
    module: runner('reports/report-reader.ts'),
    replaces: 'createReportReader',
    breakIt: (sound: typeof createReportReader): typeof createReportReader => {
      return (settings) => {
        const reader = sound(settings);
        return {
          ...reader,
          async readExit(jobId, attempt) {
            const claim = await reader.readClaim(jobId);
            return claim?.status === 'COMPLETED' ? exitOf(attempt) : reader.readExit(jobId, attempt);
          },
        };
      };
    },
  },
  skipsStatuses: {
    module: runner('feeds/job-feed.ts'),
    replaces: 'followJob',
    breakIt: (sound: typeof followJob): typeof followJob => {
      return (...settings) => {
        const pull = sound(...settings);
        return async () => {
          let newest = await pull();
          for (let next = newest; typeof next === 'object'; next = await pull()) newest = next;
          return newest;
        };
      };
    },
  },
  forgetsSlotsInUse: {
    module: runner('life/queue.ts'),
    replaces: 'createQueue',
    breakIt: (sound: typeof createQueue): typeof createQueue => {
      return () => {
        const queue = sound();
        return Object.defineProperty(queue, 'adopt', { value: () => undefined });
      };
    },
  },
} satisfies Record<string, Bug>;

export type BugName = keyof typeof BUGS;

/** The broken version of the export that a bug replaces. @throws if there is no such function: a bug that is not planted proves nothing */
export function breakExport(name: BugName, sound: Readonly<Record<string, unknown>>): unknown {
  const { module, replaces, breakIt }: Bug = BUGS[name];
  const original = sound[replaces];
  if (typeof original !== 'function') {
    throw new Error(`The bug ${name} cannot be planted: ${module.pathname} exports no function ${replaces}.`);
  }
  return breakIt(original as never);
}

/** An exit record of a trainer that ended well. */
function exitOf(attempt: number): ExitReport {
  return {
    attempt,
    exitCode: 0,
    signal: null,
    finishedAt: Date.now(),
    peakMemoryBytes: null,
    outOfMemory: false,
    spawnError: null,
  };
}
