import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { pythonAt, PythonError } from '../../../src/runner/python/interpreter.ts';
import { scriptedPython } from '../../support/scripted-python.ts';
import { until } from '../../support/until.ts';

/** Writes its pid to a file next to it, in one step, and then does nothing. */
const IDLE = `
import os, pathlib, time
here = pathlib.Path(__file__).parent
(here / "pid.new").write_text(str(os.getpid()))
os.replace(here / "pid.new", here / "pid")
time.sleep(600)
`;

test('a call that is aborted rejects when its process has ended, so that what it wrote can be removed', async () => {
  const { path, folder } = scriptedPython(IDLE);
  const aborting = new AbortController();
  const call = pythonAt(path).trainyard([], 60_000, aborting.signal);
  const hasEnded = expect(call).rejects.toThrow(PythonError);
  await until('the process runs', () => existsSync(join(folder, 'pid')));
  const pid = Number(readFileSync(join(folder, 'pid'), 'utf8'));
  aborting.abort();
  await hasEnded;
  // Signal 0 only asks whether there is such a process.
  expect(() => process.kill(pid, 0)).toThrow(/ESRCH/);
});

test('a call that was aborted before it began rejects', async () => {
  const { path } = scriptedPython(IDLE);
  await expect(pythonAt(path).trainyard([], 60_000, AbortSignal.abort())).rejects.toThrow(PythonError);
});
