import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/**
 * Runs a program in the foreground, on this terminal, and forwards signals to it.
 * @returns its exit code, or 128 plus the signal number when a signal ended it
 * @throws the system error when it cannot be started
 */
export async function runInForeground(
  command: string,
  args: readonly string[],
  options: { environment?: NodeJS.ProcessEnv; cwd?: string } = {},
): Promise<number> {
  const child = spawn(command, args, { stdio: 'inherit', env: options.environment ?? process.env, cwd: options.cwd });
  // The terminal sends Ctrl-C to the child as well. This process only has to outlive the child, for its exit code.
  const ignore = () => undefined;
  const forward = () => void child.kill('SIGTERM');
  process.on('SIGINT', ignore).on('SIGTERM', forward).on('SIGHUP', forward);
  try {
    return await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
    });
  } finally {
    process.off('SIGINT', ignore).off('SIGTERM', forward).off('SIGHUP', forward);
  }
}
