import { chmodSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryHome } from '../support/home.ts';
import { ended, PYTHON, reach, running, startRunner } from '../support/runner.ts';

const JOB = { backend: 'SIMULATION', epochs: 10 } as const;

/** An interpreter that behaves like the real one, until it has to supervise a job. */
function pythonThat(home: string, supervises: string): string {
  const path = join(home, 'python');
  writeFileSync(path, `#!/bin/sh\ncase "$*" in *trainyard.supervisor*) ${supervises};; esac\nexec "${PYTHON}" "$@"\n`);
  chmodSync(path, 0o755);
  return path;
}

test('without Python nothing is started, and the error explains what to do', async () => {
  const home = temporaryHome();
  const runner = await startRunner(home, { python: join(home, 'no-python') });
  await expect(runner.start(JOB)).rejects.toMatchObject({
    code: 'TRAINER_UNAVAILABLE',
    message: expect.stringMatching(/There is no Python at .*Run `npm run setup`/s) as string,
  });
  expect(runner.count()).toBe(0);
});

test('a Python that disappears after the job was accepted is SPAWN_FAILED', async () => {
  const home = temporaryHome();
  const python = pythonThat(home, 'true');
  const runner = await startRunner(home, { python, maxRunning: 1 });
  const first = await runner.start({ ...JOB, epochs: 4000 });
  const second = await runner.start(JOB);
  await reach(runner, first.id, running);
  renameSync(python, `${python}.away`);
  await runner.stop(first.id);
  expect((await reach(runner, second.id, ended)).state).toMatchObject({
    status: 'ERROR',
    failure: { reason: 'SPAWN_FAILED' },
  });
});

test('an interpreter without the package is SPAWN_FAILED, with its own message', async () => {
  const home = temporaryHome();
  const runner = await startRunner(home, { python: pythonThat(home, `cd /; exec "${PYTHON}" -I -S "$@"`) });
  const { id } = await runner.start(JOB);
  const { state } = await reach(runner, id, ended);
  expect(state).toMatchObject({ status: 'ERROR', failure: { reason: 'SPAWN_FAILED' } });
  expect('failure' in state && state.failure.lastLogLines.join('\n')).toContain('trainyard');
});
