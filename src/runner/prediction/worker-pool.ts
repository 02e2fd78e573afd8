import { PredictionFailedError, TooManyPredictionsError } from '../job/errors.ts';
import type { Logger } from '../logger.ts';
import { type Worker, WorkerDiedError } from './worker.ts';

export interface WorkerPoolSettings {
  readonly start: () => Worker;
  readonly maxWorkers: number;
  /** A worker without requests for this long is ended, ms. */
  readonly idleMs: number;
  /** Maximum time until a new worker takes requests, ms. */
  readonly startMs: number;
  /** Maximum time for one request, ms; the worker is then killed. */
  readonly requestMs: number;
  /** Maximum number of requests that wait for a worker. */
  readonly maxWaiting: number;
  /** Maximum time in the queue, ms. */
  readonly maxWaitMs: number;
  readonly logger: Logger;
}

/** Workers that are started on demand, and restarted after a crash. */
export interface WorkerPool extends AsyncDisposable {
  /**
   * Waits for a free worker and returns its answer. A request whose worker dies is sent to another one, once.
   * @throws TooManyPredictionsError, PredictionFailedError, WorkerUnavailableError, and the reason of `signal`
   */
  run(request: object, signal?: AbortSignal): Promise<unknown>;
}

interface Task {
  readonly request: object;
  readonly result: PromiseWithResolvers<unknown>;
  /** Number of workers that died while they worked on it. */
  deaths: number;
  /** Ends its wait in the queue. */
  leave: () => void;
  isAbandoned: boolean;
}

interface Member {
  readonly worker: Worker;
  state: 'STARTING' | 'IDLE' | 'BUSY';
  timer: NodeJS.Timeout | undefined;
}

export function createWorkerPool(settings: WorkerPoolSettings): WorkerPool {
  const { logger } = settings;
  const members = new Set<Member>();
  /** In order of arrival. */
  const queue: Task[] = [];
  /** The one that was used last is at the end and is taken first, so that others become idle and end. */
  const idle: Member[] = [];
  let isClosed = false;

  function dispatch(): void {
    for (
      let member = queue.length > 0 ? idle.pop() : undefined;
      member;
      member = queue.length > 0 ? idle.pop() : undefined
    ) {
      const task = queue.shift();
      if (task) void work(member, task);
    }
    const isStarting = [...members].some(({ state }) => state === 'STARTING');
    if (queue.length > 0 && !isStarting && members.size < settings.maxWorkers && !isClosed) addMember();
  }

  function addMember(): void {
    let worker: Worker;
    try {
      worker = settings.start();
    } catch (error) {
      // For example no file descriptors are left. Without another worker, nothing would answer the queue.
      if (members.size === 0) failAll(error as Error, true);
      return;
    }
    const member: Member = { worker, state: 'STARTING', timer: setTimeout(worker.kill, settings.startMs) };
    members.add(member);
    worker.ready.then(() => rest(member), worker.kill);
    void removeAtEnd(member);
  }

  /** The only place that starts the next worker after one has ended, so that a failing start cannot repeat without end. */
  async function removeAtEnd(member: Member): Promise<void> {
    const errors = await member.worker.ended;
    clearTimeout(member.timer);
    members.delete(member);
    const at = idle.indexOf(member);
    if (at !== -1) idle.splice(at, 1);
    if (errors !== '') logger.warn({ pid: member.worker.pid, output: errors }, 'A prediction worker reported errors');
    const startError = member.state === 'STARTING' ? await errorOf(member.worker.ready) : null;
    // If there are others, they answer the queue.
    if (startError && members.size === 0) failAll(startError, !(startError instanceof WorkerDiedError));
    dispatch();
  }

  /** Ends every waiting request; unless `isFinal`, only those that have already waited for a worker that died. */
  function failAll(error: Error, isFinal: boolean): void {
    for (const task of [...queue]) {
      task.deaths += 1;
      if (isFinal) withdraw(task, error);
      else if (task.deaths > 1) withdraw(task, failed('failed: its process could not be started', error));
    }
  }

  function rest(member: Member): void {
    clearTimeout(member.timer);
    member.state = 'IDLE';
    idle.push(member);
    member.timer = setTimeout(member.worker.kill, settings.idleMs).unref();
    dispatch();
  }

  async function work(member: Member, task: Task): Promise<void> {
    clearTimeout(member.timer);
    member.state = 'BUSY';
    task.leave();
    const tooSlow = new AbortController();
    member.timer = setTimeout(() => {
      tooSlow.abort();
      member.worker.kill();
    }, settings.requestMs);
    try {
      const answer = await member.worker.ask(task.request);
      task.result.resolve(answer);
      rest(member);
    } catch (error) {
      member.worker.kill();
      task.deaths += 1;
      if (tooSlow.signal.aborted) {
        task.result.reject(failed(`took more than ${settings.requestMs / 1000} seconds and was stopped`, error));
      } else if (task.deaths > 1 || task.isAbandoned || isClosed) {
        task.result.reject(failed('failed: the process that runs it ended', error));
      } else {
        queue.unshift(task);
        dispatch();
      }
    }
  }

  function withdraw(task: Task, error: Error): void {
    const at = queue.indexOf(task);
    if (at !== -1) queue.splice(at, 1);
    task.isAbandoned = true;
    task.leave();
    task.result.reject(error);
  }

  return {
    async run(request, signal) {
      signal?.throwIfAborted();
      if (isClosed) throw failed('is not possible: the server is closing', undefined);
      if (queue.length >= settings.maxWaiting) throw new TooManyPredictionsError();
      const timer = setTimeout(() => withdraw(task, new TooManyPredictionsError()), settings.maxWaitMs);
      const task: Task = {
        request,
        result: Promise.withResolvers(),
        deaths: 0,
        leave: () => clearTimeout(timer),
        isAbandoned: false,
      };
      const abort = () => withdraw(task, signal?.reason as Error);
      signal?.addEventListener('abort', abort, { once: true });
      queue.push(task);
      dispatch();
      try {
        return await task.result.promise;
      } finally {
        signal?.removeEventListener('abort', abort);
      }
    },
    async [Symbol.asyncDispose]() {
      isClosed = true;
      for (const task of [...queue]) withdraw(task, failed('was cancelled: the server is closing', undefined));
      await Promise.all(
        [...members].map(({ worker }) => {
          worker.kill();
          return worker.ended;
        }),
      );
    },
  };
}

async function errorOf(promise: Promise<void>): Promise<Error | null> {
  return promise.then(
    () => null,
    (error: unknown) => error as Error,
  );
}

function failed(what: string, cause: unknown): PredictionFailedError {
  return new PredictionFailedError(`The prediction ${what}. Try again, or start a prediction job for a dataset.`, {
    cause,
  });
}
