import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Python } from '../python/interpreter.ts';

/** Memory that models and requests of a worker may use, besides that of PyTorch itself. */
const MEMORY_MIB = 2048;
/** Characters of standard error that are kept for the log. */
const KEPT_ERRORS = 4_000;

/** A Python process that holds models and answers one request at a time: see `python/trainyard/prediction/worker.py`. */
export interface Worker {
  readonly pid: number | undefined;
  /** Resolves when it takes requests. @throws WorkerUnavailableError, WorkerDiedError */
  readonly ready: Promise<void>;
  /** Resolves with the end of its standard error when the process is gone. */
  readonly ended: Promise<string>;
  /** Sends a request and waits for its answer. @throws WorkerDiedError */
  ask(request: object): Promise<unknown>;
  kill(): void;
}

/** Python or PyTorch cannot be used at all. */
export class WorkerUnavailableError extends Error {}

/** The process ended before it answered. */
export class WorkerDiedError extends Error {}

/** Starts a worker. It ends with its standard input, so also when this process is killed. */
export function startWorker(python: Python): Worker {
  const child = python.spawn('trainyard.prediction', ['--memory-mib', String(MEMORY_MIB)]);
  // First, because without file descriptors for its streams the next lines throw.
  const failed = new Promise<Error>((resolve) => child.once('error', resolve));
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors = (errors + text).slice(-KEPT_ERRORS)));
  // Its end is what matters, and `close` reports it.
  child.stdin.on('error', () => undefined);
  const ended = Promise.race([once(child, 'close'), failed]).then((cause) =>
    cause instanceof Error ? cause.message : errors,
  );

  const answers = createInterface({ input: child.stdout });
  let waiting: PromiseWithResolvers<unknown> | undefined = Promise.withResolvers();
  answers.on('line', (line) => {
    const receiver = waiting;
    waiting = undefined;
    try {
      receiver?.resolve(JSON.parse(line));
    } catch (error) {
      receiver?.reject(error);
    }
  });
  void ended.then(() => waiting?.reject(new WorkerDiedError('The prediction worker ended.')));

  const ready = waiting.promise.then((first) => {
    const { unavailable } = first as { readonly unavailable?: string };
    if (unavailable !== undefined) throw new WorkerUnavailableError(unavailable);
  });
  ready.catch(() => undefined); // The pool waits for it, but may be closed before.

  return {
    pid: child.pid,
    ready: Promise.race([ready, failed.then((error) => Promise.reject(new WorkerUnavailableError(error.message)))]),
    ended,
    ask(request) {
      waiting = Promise.withResolvers();
      const { promise } = waiting;
      if (child.exitCode !== null || child.signalCode !== null) waiting.reject(new WorkerDiedError('It has ended.'));
      else child.stdin.write(`${JSON.stringify(request)}\n`);
      return promise;
    },
    kill: () => void child.kill('SIGKILL'),
  };
}
