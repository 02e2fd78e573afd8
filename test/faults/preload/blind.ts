import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

/**
 * The environment variable that names a file, for a process that this file is loaded into with `--import`: while it exists that
 * process cannot read the state of any process, as if it had no free file descriptors. Each refused look adds a line to it; looks
 * within a short time count as one.
 */
export const BLINDFOLD = 'FAULT_BLINDFOLD';

const TOGETHER_MS = 300;

const blindfold = process.env[BLINDFOLD];
if (blindfold !== undefined) {
  const real = fs.readFileSync;
  let lastLook = -Infinity;
  const readFileSync = (...args: Parameters<typeof real>) => {
    const [path] = args;
    if (typeof path !== 'string' || !/^\/proc\/\d+\/stat$/.test(path) || !fs.existsSync(blindfold))
      return real(...args);
    if (performance.now() - lastLook > TOGETHER_MS) fs.appendFileSync(blindfold, 'refused\n');
    lastLook = performance.now();
    throw Object.assign(new Error('EMFILE: planned by the test'), { code: 'EMFILE' });
  };
  fs.readFileSync = readFileSync as typeof real;
  syncBuiltinESMExports();
}
