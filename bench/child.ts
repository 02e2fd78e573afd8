import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** CPU time and memory of a process. */
export interface Usage {
  /** User and system time since its start, µs. */
  readonly cpu: number;
  /** Resident memory, bytes. */
  readonly memory: number;
}

/** Time for one command, ms. */
const DEADLINE = 180_000;

/** A process of a benchmark, which answers one command at a time. Disposing ends it. */
export interface Child extends AsyncDisposable {
  call<Result>(command: string, ...parameters: readonly unknown[]): Promise<Result>;
  usage(): Promise<Usage>;
}

/**
 * Starts a program of this folder. The program answers commands with `answerCommands` of `commands.ts`.
 * @param path relative to this folder
 */
export async function startChild(path: string, ...parameters: readonly string[]): Promise<Child> {
  const child = fork(fileURLToPath(new URL(path, import.meta.url)), parameters, { stdio: 'inherit' });
  const died = once(child, 'exit').then(([code, signal]) => {
    throw new Error(`${path} ended with ${String(code ?? signal)}`);
  });
  died.catch(() => undefined);
  const answered = async () => {
    const signal = AbortSignal.timeout(DEADLINE);
    return (await Promise.race([once(child, 'message', { signal }), died]))[0] as unknown;
  };
  await answered();
  async function call<Result>(command: string, ...given: readonly unknown[]): Promise<Result> {
    child.send([command, ...given]);
    return (await answered()) as Result;
  }
  return {
    call,
    usage: () => call<Usage>('usage'),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await died.catch(() => undefined);
    },
  };
}
