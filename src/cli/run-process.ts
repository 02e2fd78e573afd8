import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** Exit code and output of a process. */
export interface ProcessResult {
  /** Null when a signal ended the process. */
  readonly code: number | null;
  /** The output of both streams in order of arrival: at most the last 2,000 lines. */
  readonly lines: readonly string[];
}

export interface ProcessOptions {
  readonly environment?: NodeJS.ProcessEnv | undefined;
  readonly cwd?: string | undefined;
  /** Called with each line of output. */
  readonly onLine?: ((line: string) => void) | undefined;
  /** Aborting sends SIGINT, so that pip removes its temporary files, and rejects once the process has ended. */
  readonly signal?: AbortSignal | undefined;
}

const MAX_LINES = 2000;

/**
 * Runs a program until it exits, and collects its output.
 * @throws the system error when the program cannot be started, `signal.reason` when aborted
 */
export async function runProcess(
  command: string,
  args: readonly string[],
  options: ProcessOptions = {},
): Promise<ProcessResult> {
  options.signal?.throwIfAborted();
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: options.environment ?? process.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream, crlfDelay: Infinity }).on('line', (line) => {
      if (lines.push(line) > MAX_LINES) lines.shift();
      options.onLine?.(line);
    });
  }
  const interrupt = () => child.kill('SIGINT');
  options.signal?.addEventListener('abort', interrupt, { once: true });
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      // 'close' instead of 'exit': at 'exit' the pipes may still contain the last lines.
      child.once('close', resolve);
    });
    options.signal?.throwIfAborted();
    return { code, lines };
  } finally {
    options.signal?.removeEventListener('abort', interrupt);
  }
}
