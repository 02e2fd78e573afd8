import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { killProcesses } from '../test/support/processes-of-home.ts';

/** Time for a benchmark that ended to release what it holds, ms. */
const GRACE_MS = 5_000;

/**
 * Runs a program of Node for a limited time, and shows its output. Afterwards ends every process that it has left, and removes its
 * temporary files.
 * @param limitMs then it is killed
 * @returns `completed`, or how it failed, after "the benchmark"
 */
export async function runBounded(program: string, limitMs: number): Promise<string> {
  // Every process of a benchmark works in its folder of temporary files, so its command line or its environment contains this path.
  const temporary = mkdtempSync(join(tmpdir(), 'bench-'));
  try {
    const child = spawn(process.execPath, [program], {
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, TMPDIR: temporary },
    });
    const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
    const stop = new AbortController();
    const late = delay(limitMs, 'LATE' as const, { signal: stop.signal });
    late.catch(() => undefined);
    const first = await Promise.race([exited, late]);
    stop.abort();
    if (first === 'LATE') {
      child.kill('SIGKILL');
      await exited;
      return `did not end within ${limitMs / 60_000} minutes`;
    }
    const [code, signal] = first;
    return code === 0 ? 'completed' : `ended with ${String(signal ?? code)}`;
  } finally {
    await endProcessesOf(temporary);
    rmSync(temporary, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}

/** Kills all processes with this path in their command line or environment, until none is left. Linux only. */
async function endProcessesOf(path: string): Promise<void> {
  const end = performance.now() + GRACE_MS;
  while (performance.now() < end) {
    if (killProcesses((...texts) => texts.some((text) => text.includes(path))) === 0) return;
    await delay(100);
  }
}
