import { existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { homeAt, makeFolders } from '../../../src/runner/home.ts';
import { newJobId } from '../../../src/runner/life/new-job-id.ts';
import type { Launcher } from '../../../src/runner/launchers/launcher.ts';
import type { Home } from '../../../src/runner/home.ts';
import type { Python } from '../../../src/runner/python/interpreter.ts';
import type { ExitReport } from '../../../src/runner/job/reports.ts';
import { pythonAt } from '../../../src/runner/python/interpreter.ts';
import { readExitFile } from '../../../src/runner/reports/exit-file.ts';
import { replaceFile } from '../../../src/runner/reports/replace-file.ts';
import { readStatusFile } from '../../../src/runner/reports/status-file.ts';
import { specFileOf, statusFileOf } from '../../../src/runner/reports/written-files.ts';
import { readReportsOf } from '../../faults/evidence.ts';
import type { ProcessStart } from '../../faults/history.ts';
import { endAll, EVIDENCE, readStarts, signal, stateOf } from '../../faults/processes.ts';
import { temporaryHome } from '../../support/home.ts';
import { PYTHON } from '../../support/runner.ts';
import { until } from '../../support/until.ts';
import { aJob } from '../job/a-job.ts';
import type { LauncherWorld } from './contract.ts';

/** A Python whose trainers start a process of their own and count the stops that they receive. */
export function pythonUnderTest(): Python {
  const real = pythonAt(PYTHON);
  const { cwd, env } = real.spawnOptions;
  const variables = {
    PYTHONPATH: [env['PYTHONPATH'], EVIDENCE.PYTHONPATH].join(':'),
    FAULT_TRAINER_CHILD: '1',
    FAULT_COUNT_STOPS: '1',
    TRAINYARD_SIMULATION_STEP_SECONDS: '0.05',
  };
  return { ...real, spawnOptions: { cwd, env: { ...env, ...variables } } };
}

/** The parts of a launcher that uses files of this machine. */
export interface WorldParts {
  readonly home: Home;
  readonly python: Python;
  readonly readExit: (jobId: string, attempt: number) => Promise<ExitReport | null>;
}

/** A home with all folders and a dataset. */
export function prepareHome(root: string): Home {
  const home = homeAt(root);
  makeFolders(home);
  writeFileSync(join(home.datasets, 'sample.csv'), 'x,y\n1,2\n');
  return home;
}

/**
 * A world of real processes on this machine.
 * @param home default: one of its own
 */
export function processWorld(
  createLauncher: (parts: WorldParts) => Launcher,
  home = prepareHome(temporaryHome()),
): LauncherWorld {
  const { root } = home;
  onTestFinished(() => endAll(root));
  const stops = join(root, 'stops');
  const countStops = () => (existsSync(stops) ? statSync(stops).size : 0);
  const stopsBefore = countStops();
  const parts: WorldParts = {
    home,
    python: pythonUnderTest(),
    readExit: async (jobId: string, attempt: number) => {
      const exit = await readExitFile(home, jobId);
      return exit?.attempt === attempt ? exit : null;
    },
  };

  const startsOf = (jobId: string) => readStarts(root).filter((start) => start.jobId === jobId);

  /** The only live process of a job in this role. */
  function processOf(jobId: string, role: ProcessStart['role']): ProcessStart {
    const alive = startsOf(jobId).filter((start) => start.role === role && stateOf(start) !== undefined);
    expect(alive).toHaveLength(1);
    return alive[0] ?? expect.fail('no process');
  }

  async function end(jobId: string, role: ProcessStart['role']): Promise<void> {
    const start = processOf(jobId, role);
    signal(start, 'SIGKILL');
    await until('it is dead', () => stateOf(start) === undefined);
  }

  return {
    launcher: () => createLauncher(parts),
    async addJob() {
      const id = newJobId(Date.now());
      const job = aJob({ id, createdAt: Date.now(), request: { backend: 'SIMULATION', epochs: 100_000 } });
      await replaceFile(home, home.spec(id), specFileOf(job), false);
      await replaceFile(home, home.status(id), statusFileOf(job, null), false);
      return { attempt: { jobId: id, attempt: 1, gpus: null }, request: job.request };
    },
    report: (jobId) => readStatusFile(home, jobId),
    steps: (jobId) => readReportsOf(home.metricsOf(jobId)).map(({ step }) => step),
    hasCheckpoint: (jobId) => existsSync(join(home.models, `${jobId}.txt`)),
    stopsReceived: () => countStops() - stopsBefore,
    async freeze(jobId) {
      const trainer = processOf(jobId, 'TRAINER');
      signal(trainer, 'SIGSTOP');
      await until('it is frozen', () => stateOf(trainer) === 'T');
    },
    killSupervisor: (jobId) => end(jobId, 'SUPERVISOR'),
    killTrainer: (jobId) => end(jobId, 'TRAINER'),
    processes: (jobId) => startsOf(jobId).filter((start) => stateOf(start) !== undefined).length,
  };
}
