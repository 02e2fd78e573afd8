import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/**
 * Runs a program in the foreground, on this terminal, and passes signals on to it.
 * @returns its exit code, 128 and the signal's number when a signal ended it
 * @throws the system's error when it cannot be started
 */
export async function runInForeground(
  command: string,
  args: readonly string[],
  options: { environment?: NodeJS.ProcessEnv; cwd?: string } = {},
): Promise<number> {
  const child = spawn(command, args, { stdio: 'inherit', env: options.environment ?? process.env, cwd: options.cwd });
  // Ctrl-C reaches the child from the terminal itself; this process only has to outlive it, for its exit code.
  const ignore = () => undefined;
  const pass = () => void child.kill('SIGTERM');
  process.on('SIGINT', ignore).on('SIGTERM', pass).on('SIGHUP', pass);
  try {
    return await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
    });
  } finally {
    process.off('SIGINT', ignore).off('SIGTERM', pass).off('SIGHUP', pass);
  }
}
