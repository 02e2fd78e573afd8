import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { PYTHON } from './runner.ts';

/**
 * An interpreter without any packages for the tests of the file that calls this. Commands that inspect their Python import PyTorch, if it has
 * it, which takes seconds of CPU time.
 * @returns a function that returns its path, for tests
 */
export function useBarePython(): () => string {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'trainyard-python-'));
    execFileSync(PYTHON, ['-m', 'venv', '--without-pip', folder]);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return () => join(folder, 'bin', 'python');
}
