import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ProcessStart } from './history.ts';

const EVIDENCE_FOLDER = fileURLToPath(new URL('python', import.meta.url));

/** Makes every Python process of a job record its own start (see `python/sitecustomize.py`). */
export const EVIDENCE = { PYTHONPATH: EVIDENCE_FOLDER };

/** Every process of a job that was started under `home`, oldest first. */
export function readStarts(home: string): ProcessStart[] {
  return readLines(join(home, 'starts.jsonl')).map((line) => JSON.parse(line) as ProcessStart);
}

/** The complete lines of a file, without a torn last line; none if there is no file. */
export function readLines(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\n').slice(0, -1);
  } catch {
    return [];
  }
}

/** Its state in `/proc` (`R`, `S`, `T` stopped, ...); undefined if this exact process has ended or is a zombie. */
export function stateOf({ pid, startTime }: Pick<ProcessStart, 'pid' | 'startTime'>): string | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return fields[19] === startTime && fields[0] !== 'Z' && fields[0] !== 'X' ? fields[0] : undefined;
  } catch {
    return undefined;
  }
}

/** Signals this exact process. False if it has ended. */
export function signal(start: Pick<ProcessStart, 'pid' | 'startTime'>, name: NodeJS.Signals): boolean {
  if (stateOf(start) === undefined) return false;
  try {
    return process.kill(start.pid, name);
  } catch {
    return false;
  }
}

/** Ends every live process of a job under `home`. */
export function endAll(home: string): void {
  for (const start of readStarts(home)) signal(start, 'SIGKILL');
}
