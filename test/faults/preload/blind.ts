import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

/**
 * The environment variable that names a file, for a process that this file is loaded into with `--import`: while it exists that
 * process cannot read the state of any process, for want of file descriptors. Each look that is refused adds a line to it; those
 * that come together are one.
 */
export const BLINDFOLD = 'FAULT_BLINDFOLD';

const TOGETHER_MS = 300;

const blindfold = process.env[BLINDFOLD];
if (blindfold !== undefined) {
  const real = fs.promises.readFile;
  let lastLook = -Infinity;
  const readFile = (...args: Parameters<typeof real>) => {
    const [path] = args;
    if (typeof path !== 'string' || !/^\/proc\/\d+\/stat$/.test(path) || !fs.existsSync(blindfold))
      return real(...args);
    if (performance.now() - lastLook > TOGETHER_MS) fs.appendFileSync(blindfold, 'refused\n');
    lastLook = performance.now();
    return Promise.reject(Object.assign(new Error('EMFILE: planned by the test'), { code: 'EMFILE' }));
  };
  fs.promises.readFile = readFile as typeof real;
  syncBuiltinESMExports();
}
