import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { PYTHON } from './runner.ts';

/** An interpreter that runs `script` whatever its arguments, in a folder that is removed after the test. */
export function scriptedPython(script: string): { readonly path: string; readonly folder: string } {
  const folder = mkdtempSync(join(tmpdir(), 'trainyard-python-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'python');
  writeFileSync(join(folder, 'script.py'), script);
  writeFileSync(path, `#!/bin/sh\nexec '${PYTHON}' '${join(folder, 'script.py')}'\n`);
  chmodSync(path, 0o755);
  return { path, folder };
}
