/**
 * `npm run prepare`, which npm runs after `npm ci` and before the first `npx trainyard` in a checkout: builds `dist/`, unless it is up to
 * date.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { reasonToBuild } from './reason-to-build.ts';
import { runInForeground } from './run-in-foreground.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

async function main(): Promise<number> {
  const reason = reasonToBuild(root);
  if (reason === null) return 0;
  announce(`Building Trainyard once, because ${reason}. This takes about 20 s.`);
  return runInForeground('npm', ['run', 'build'], { cwd: root });
}

/** Prints a line. `npx` hides the output of this script, so the line then goes to the terminal, if there is one. */
function announce(line: string): void {
  if (process.env.npm_command !== 'exec') {
    console.log(line);
    return;
  }
  let terminal: number;
  try {
    terminal = openSync('/dev/tty', 'w');
  } catch {
    return;
  }
  writeSync(terminal, `\r\x1b[K${line}\n`); // over the progress indicator of npm
  closeSync(terminal);
}

process.exitCode = await main();
