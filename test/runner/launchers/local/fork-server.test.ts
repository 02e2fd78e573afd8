import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { homeAt } from '../../../../src/runner/home.ts';
import type { Job, Runner, RunnerSettings } from '../../../../src/runner/index.ts';
import type { ProcessIdentity } from '../../../../src/runner/job/reports.ts';
import { readHolder } from '../../../../src/runner/launchers/local/fork-server/folder.ts';
import { livenessOf, readBootId } from '../../../../src/runner/launchers/local/identity.ts';
import { temporaryHome } from '../../../support/home.ts';
import { supervisorOf } from '../../../support/local-processes.ts';
import { ended, PYTHON, reach, recordedLog, type RecordedLog, running, startRunner } from '../../../support/runner.ts';
import { until } from '../../../support/until.ts';

// An interpreter that usually has no PyTorch, whose import takes seconds.
const smallPython = execFileSync(PYTHON, ['-c', 'import sys; print(sys._base_executable)'], {
  encoding: 'utf8',
}).trim();
const READY = 'the fork server is ready';

interface WarmRunner {
  readonly runner: Runner;
  readonly log: RecordedLog;
  /** Waits until a fork server is ready for the `count`th time, and gives its identity. */
  readonly forkServer: (count?: number) => Promise<ProcessIdentity>;
}

async function startWarm(home: string, settings: Partial<RunnerSettings> = {}): Promise<WarmRunner> {
  const log = recordedLog();
  const runner = await startRunner(home, { python: smallPython, warmStart: true, logger: log, ...settings });
  return {
    runner,
    log,
    async forkServer(count = 1) {
      await until('a fork server is ready', () => log.lines.filter(({ message }) => message === READY).length >= count);
      const identity = await readHolder(homeAt(home));
      return identity ?? expect.fail('the fork server did not leave its identity');
    },
  };
}

const start = (runner: Runner, epochs = 1) => runner.start({ backend: 'SIMULATION', epochs });

function parentOf(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[1]);
}

/** Whether a fork server started the supervisor of a running job. */
function isForkedBy({ pid }: ProcessIdentity, job: Job): boolean {
  return parentOf(supervisorOf(job)?.pid ?? expect.fail('it has no supervisor')) === pid;
}

describe.skipIf(process.platform !== 'linux')('the fork server of a runner', () => {
  test('starts the supervisors of its jobs, and the next runner takes it over', async () => {
    const home = temporaryHome();
    const first = await startWarm(home);
    const forkServer = await first.forkServer();
    const { id } = await start(first.runner, 1_000);
    expect(isForkedBy(forkServer, await reach(first.runner, id, running))).toBe(true);
    await first.runner[Symbol.asyncDispose]();

    const second = await startWarm(home);
    expect(await second.forkServer()).toEqual(forkServer);
    const next = await start(second.runner, 1_000);
    expect(isForkedBy(forkServer, await reach(second.runner, next.id, running))).toBe(true);
    for (const each of [id, next.id]) {
      await second.runner.stop(each);
      expect((await reach(second.runner, each, ended)).state.status).toBe('STOPPED');
    }
  });

  test('is replaced when the environment of trainings has changed', async () => {
    const home = temporaryHome();
    const first = await startWarm(home);
    const before = await first.forkServer();
    await first.runner[Symbol.asyncDispose]();
    process.env['FAULT_OF_A_TEST'] = 'changed';
    onTestFinished(() => {
      delete process.env['FAULT_OF_A_TEST'];
    });
    const second = await startWarm(home, { trainerEnv: ['FAULT_OF_A_TEST'] });
    expect(await second.forkServer()).not.toEqual(before);
    expect(await livenessOf(before, readBootId())).toBe('DEAD');
  });

  test('is started again after it was killed; its jobs continue, and new jobs start without it in the meantime', async () => {
    const { runner, forkServer } = await startWarm(temporaryHome());
    const before = await forkServer();
    const survivor = await start(runner, 400);
    await reach(runner, survivor.id, running);
    process.kill(before.pid, 'SIGKILL');
    const meanwhile = await start(runner);
    for (const { id } of [survivor, meanwhile]) {
      expect((await reach(runner, id, ended)).state.status).toBe('COMPLETED');
    }
    const after = await forkServer(2);
    expect(after).not.toEqual(before);
    const job = await start(runner, 1_000);
    expect(isForkedBy(after, await reach(runner, job.id, running))).toBe(true);
    await runner.stop(job.id);
  });

  test('delays a job by seconds if it hangs, and the job runs once', async () => {
    const home = temporaryHome();
    const { runner, forkServer, log } = await startWarm(home);
    const { pid } = await forkServer();
    process.kill(pid, 'SIGSTOP');
    const { id } = await start(runner);
    expect((await reach(runner, id, ended)).state.status).toBe('COMPLETED');
    await until('it was killed', () =>
      log.lines.some(({ message }) => message.includes('did not answer and was killed')),
    );
    await forkServer(2);
    expect(readFileSync(homeAt(home).log(id), 'utf8').match(/Epoch 1\/1/g)).toHaveLength(1);
  });

  test('is not used in a home whose path is too long for a socket', async () => {
    const home = join(temporaryHome(), 'a-folder-with-a-long-name'.repeat(4));
    mkdirSync(home);
    const { runner, log } = await startWarm(home);
    const { id } = await start(runner);
    expect((await reach(runner, id, ended)).state.status).toBe('COMPLETED');
    expect(log.lines.map(({ message }) => message)).toContain('there is no fork server; jobs start without it');
  });

  test('is not used if its folder is a link to another place', async () => {
    const home = temporaryHome();
    mkdirSync(join(home, 'artifacts'));
    symlinkSync('/tmp', join(home, 'artifacts', 'fork-server'));
    const { runner, log } = await startWarm(home);
    const { id } = await start(runner);
    expect((await reach(runner, id, ended)).state.status).toBe('COMPLETED');
    expect(log.lines.map(({ message }) => message)).toContain('there is no fork server; jobs start without it');
  });
});
