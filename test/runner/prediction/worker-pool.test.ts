import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { PredictionFailedError, TooManyPredictionsError } from '../../../src/runner/job/errors.ts';
import { startWorker, type Worker, WorkerUnavailableError } from '../../../src/runner/prediction/worker.ts';
import { createWorkerPool, type WorkerPoolSettings } from '../../../src/runner/prediction/worker-pool.ts';
import { pythonAt } from '../../../src/runner/python/interpreter.ts';
import { scriptedPython } from '../../support/scripted-python.ts';
import { recordedLog } from '../../support/runner.ts';
import { until } from '../../support/until.ts';

/**
 * Answers with its pid and the request; `sleep` takes seconds, `until` waits for a file after it has made one with its pid behind that name,
 * `die` ends the process, `once` only if the named file is new.
 */
const WORKER = `
import json, os, sys, time
def send(answer):
    print(json.dumps(answer), flush=True)
send({"ready": True})
for line in sys.stdin:
    request = json.loads(line)
    if request.get("die") or ("once" in request and not os.path.exists(request["once"]) and open(request["once"], "x")):
        os._exit(1)
    time.sleep(request.get("sleep", 0))
    if "until" in request:
        open(f"{request['until']}.{os.getpid()}", "x")
        while not os.path.exists(request["until"]):
            time.sleep(0.01)
    send({"pid": os.getpid(), "request": request})
`;

interface Answer {
  readonly pid: number;
  readonly request: object;
}

function pool(script = WORKER, changes: Partial<WorkerPoolSettings> = {}) {
  const scripted = scriptedPython(script);
  const python = pythonAt(scripted.path);
  const workers: Worker[] = [];
  const created = createWorkerPool({
    start: () => {
      const worker = startWorker(python);
      workers.push(worker);
      return worker;
    },
    maxWorkers: 2,
    idleMs: 60_000,
    startMs: 30_000,
    requestMs: 30_000,
    maxWaiting: 8,
    maxWaitMs: 30_000,
    logger: recordedLog(),
    ...changes,
  });
  onTestFinished(() => created[Symbol.asyncDispose]());
  const run = (request: object, signal?: AbortSignal) => created.run(request, signal) as Promise<Answer>;
  return { run, workers, folder: scripted.folder, close: () => created[Symbol.asyncDispose]() };
}

const isGone = (worker: Worker) => until('the worker is gone', async () => (await worker.ended, true));

test('a worker starts with the first request and answers later ones too', async () => {
  const { run, workers } = pool();
  expect(workers).toHaveLength(0);
  const [first, second] = [await run({ n: 1 }), await run({ n: 2 })];
  expect(first.request).toEqual({ n: 1 });
  expect(second).toEqual({ pid: first.pid, request: { n: 2 } });
  expect(workers).toHaveLength(1);
});

test('a second worker starts while the first is busy, and never a third', async () => {
  const { run, workers, folder } = pool();
  await run({});
  const requests = [
    ...Array.from({ length: 2 }, () => run({ until: join(folder, 'go') })),
    ...Array.from({ length: 4 }, () => run({})),
  ];
  // The start of a process takes a while, so the first worker must not answer all of them before.
  await until('two workers are busy', () => readdirSync(folder).filter((name) => name.startsWith('go.')).length === 2);
  writeFileSync(join(folder, 'go'), '');
  const answers = await Promise.all(requests);
  expect(workers).toHaveLength(2);
  expect(new Set(answers.map(({ pid }) => pid)).size).toBe(2);
});

test('a request whose worker is killed is answered by another one', async () => {
  const { run, workers } = pool();
  const { pid } = await run({});
  const answer = run({ sleep: 0.5 });
  workers[0]?.kill();
  expect((await answer).pid).not.toBe(pid);
});

test('a request that ends every worker fails, and the next one is answered', async () => {
  const { run, workers, folder } = pool();
  await expect(run({ die: true })).rejects.toThrow(PredictionFailedError);
  expect(workers).toHaveLength(2);
  expect((await run({ once: join(folder, 'died') })).request).toMatchObject({ once: expect.any(String) as string });
});

test('a request that takes too long is stopped with its worker', async () => {
  // Enough for the answer to the second request on a busy machine.
  const { run, workers } = pool(WORKER, { requestMs: 2_000 });
  await expect(run({ sleep: 60 })).rejects.toThrow(/took more than 2 seconds/);
  if (workers[0]) await isGone(workers[0]);
  expect((await run({ n: 1 })).request).toEqual({ n: 1 });
});

test('a worker without requests ends', async () => {
  const { run, workers } = pool(WORKER, { idleMs: 100 });
  await run({});
  if (workers[0]) await isGone(workers[0]);
  await run({});
  expect(workers).toHaveLength(2);
});

test('the queue is bounded in length and time', async () => {
  const { run, folder } = pool(WORKER, { maxWorkers: 1, maxWaiting: 1, maxWaitMs: 300 });
  // The start of a process may take longer than a request may wait.
  await until('a worker takes requests', () =>
    run({}).then(
      () => true,
      () => false,
    ),
  );
  const long = run({ until: join(folder, 'go') });
  const waiting = run({});
  await expect(run({})).rejects.toThrow(TooManyPredictionsError);
  await expect(waiting).rejects.toThrow(TooManyPredictionsError);
  writeFileSync(join(folder, 'go'), '');
  await long;
});

test('a caller that leaves loses its place in the queue and its answer; others do not', async () => {
  const { run } = pool(WORKER, { maxWorkers: 1, maxWaiting: 1 });
  await run({});
  const busy = new AbortController();
  const inProgress = run({ sleep: 0.5 }, busy.signal);
  const waits = new AbortController();
  const waiting = run({}, waits.signal);
  waits.abort(new Error('left'));
  await expect(waiting).rejects.toThrow('left');
  const next = run({ n: 3 });
  busy.abort(new Error('left too'));
  await expect(inProgress).rejects.toThrow('left too');
  expect((await next).request).toEqual({ n: 3 });
});

test('a Python without PyTorch is reported to every caller, and tried again by the next one', async () => {
  const { run, workers } = pool(`print('{"unavailable": "torch is not installed."}', flush=True)`);
  const results = await Promise.allSettled([run({}), run({})]);
  for (const result of results) {
    expect(result).toMatchObject({ reason: expect.any(WorkerUnavailableError) as Error });
  }
  await expect(run({})).rejects.toThrow('torch is not installed.');
  expect(workers.length).toBeGreaterThan(1);
});

test('an interpreter that does not exist is reported', async () => {
  const created = createWorkerPool({
    ...{ start: () => startWorker(pythonAt('/nonexistent/python')), maxWorkers: 1, idleMs: 1000, startMs: 1000 },
    ...{ requestMs: 1000, maxWaiting: 1, maxWaitMs: 10_000, logger: recordedLog() },
  });
  onTestFinished(() => created[Symbol.asyncDispose]());
  await expect(created.run({})).rejects.toThrow(WorkerUnavailableError);
});

test('closing ends the workers and the requests', async () => {
  const { run, workers, close } = pool(WORKER, { maxWorkers: 1 });
  await run({});
  const requests = [run({ sleep: 60 }), run({})];
  const results = Promise.allSettled(requests);
  await Promise.all([close(), close()]);
  expect((await results).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(workers).toHaveLength(1);
  await expect(run({})).rejects.toThrow(PredictionFailedError);
});
