import { fileURLToPath } from 'node:url';
import { realpathSync } from 'node:fs';
import { expect, test } from 'vitest';
import { runCommand } from '../support/command.ts';
import { temporaryHome } from '../support/home.ts';
import { PYTHON } from '../support/runner.ts';

const COMMAND = fileURLToPath(new URL('../../scripts/python.ts', import.meta.url));

test('runs Python in the folder of the user, with the package importable, and returns its exit code', async () => {
  const folder = realpathSync(temporaryHome());
  const python = runCommand(
    process.execPath,
    [COMMAND, '-c', 'import os, trainyard; print(os.getcwd()); raise SystemExit(7)'],
    {
      environment: { ...process.env, TRAINYARD_PYTHON: PYTHON, npm_lifecycle_event: 'python', INIT_CWD: folder },
    },
  );
  expect(await python.ended, python.output()).toBe(7);
  expect(python.output()).toBe(`${folder}\n`);
});

test('explains what to do when the Python does not exist', async () => {
  const python = runCommand(process.execPath, [COMMAND, '--version'], {
    environment: { ...process.env, TRAINYARD_PYTHON: '/nowhere/python' },
  });
  expect(await python.ended).toBe(1);
  expect(python.output()).toMatch(/TRAINYARD_PYTHON/);
});
