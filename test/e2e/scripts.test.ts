import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import type { Job, Runner, StartInput } from '../../src/runner/index.ts';
import { temporaryHome } from '../support/home.ts';
import { ended, reach, startRunner } from '../support/runner.ts';
import { until } from '../support/until.ts';

let home: string;
let runner: Runner;
beforeEach(async () => {
  home = temporaryHome();
  runner = await startRunner(home);
});

function addScript(name: string, source: string): void {
  writeFileSync(join(home, 'trainers', name), source);
}

async function train(input: StartInput): Promise<Job> {
  const { id } = await runner.start(input);
  return reach(runner, id, ended);
}

async function logOf(id: string): Promise<string> {
  const { lines } = await runner.log(id, { last: 100 });
  return lines.map(({ text }) => text).join('\n');
}

test('a script that only prints ends as COMPLETED, with its printed numbers as metrics', async () => {
  addScript('plain.py', 'for e in range(1, 4):\n    print(f"epoch {e} loss {1 / e:.4f}", flush=True)\n');
  const job = await train({ trainer: 'plain' });
  expect(job.state.status).toBe('COMPLETED');
  expect(job.progress).toMatchObject({ percent: 100, epoch: 3, loss: 0.3333 });
  expect(await logOf(job.id)).toContain('epoch 3 loss 0.3333');
});

test('a script gets its options, settings and arguments as one argument list, which no shell reads', async () => {
  addScript(
    'flags.py',
    `import argparse, json, sys
parser = argparse.ArgumentParser(description="Shows its arguments.")
parser.add_argument("--epochs", type=int, default=3)
parser.add_argument("--lr", type=float, default=0.1)
parser.add_argument("--note", default="")
parser.add_argument("--amp", action="store_true")
parser.parse_args()
print(json.dumps(sys.argv[1:]))
`,
  );
  const [trainer] = (await runner.trainers()).filter(({ name }) => name === 'flags');
  expect(trainer).toMatchObject({
    source: 'FOLDER',
    available: true,
    settings: expect.arrayContaining(['epochs', 'learningRate']) as string[],
    defaults: { epochs: 3, learningRate: 0.1, batchSize: null, seed: null },
  });
  const note = '$(touch /tmp/x); "a" \'b\' `c`\n*';
  const job = await train({ trainer: 'flags', epochs: 7, options: { note }, arguments: ['--amp'] });
  expect(job.state.status).toBe('COMPLETED');
  expect(job.request).toMatchObject({ epochs: 7, learningRate: 0.1, dataset: null });
  const printed = JSON.parse((await logOf(job.id)).split('\n').find((line) => line.startsWith('[')) ?? '') as string[];
  expect(printed).toEqual(['--epochs=7', '--lr=0.1', `--note=${note}`, '--amp']);
  await expect(runner.start({ trainer: 'flags', batchSize: 4 })).rejects.toMatchObject({
    inputPath: ['input', 'batchSize'],
  });
  await expect(runner.start({ trainer: 'flags', options: { nte: 'x' } })).rejects.toMatchObject({
    inputPath: ['input', 'options', 'nte'],
  });
});

test('an exception is an ERROR with its last line as the message', async () => {
  addScript('fails.py', 'def inner():\n    raise ValueError("the loss is not a number")\n\ninner()\n');
  const { state, id } = await train({ trainer: 'fails' });
  expect(state).toMatchObject({
    status: 'ERROR',
    failure: { reason: 'TRAINER_ERROR', message: expect.stringContaining('the loss is not a number') as string },
  });
  expect(await logOf(id)).toContain('in inner');
});

test('the list follows the folder, and a broken script affects no other', async () => {
  // Without the trainer whose libraries are an extra.
  const trainers = async () => (await runner.trainers()).filter(({ name }) => name !== 'language-model');
  const names = async () => (await trainers()).map(({ name, available }) => `${name} ${available}`);
  expect(await names()).toEqual(['tabular true']);
  addScript('good.py', 'print("hello")\n');
  addScript('broken.py', 'def f(:\n');
  mkdirSync(join(home, 'trainers/folder'));
  addScript('folder/__main__.py', 'print("hello from a folder")\n');
  expect(await names()).toEqual(['tabular true', 'broken false', 'folder true', 'good true']);
  const broken = (await runner.trainers()).find(({ name }) => name === 'broken');
  expect(broken?.unavailableReason).toContain('line 1');
  await expect(runner.start({ trainer: 'broken' })).rejects.toMatchObject({ code: 'TRAINER_UNAVAILABLE' });
  expect((await train({ trainer: 'folder' })).state.status).toBe('COMPLETED');
  rmSync(join(home, 'trainers/good.py'));
  await expect(runner.start({ trainer: 'good' })).rejects.toMatchObject({ inputPath: ['input', 'trainer'] });
});

test.each(['../escape', '/etc/passwd', 'good.py', '.hidden'])(
  'nothing outside the list can run: %s',
  async (trainer) => {
    addScript('good.py', 'print("hello")\n');
    addScript('.hidden.py', 'print("hidden")\n');
    writeFileSync(join(home, 'escape.py'), 'print("outside")\n');
    await expect(runner.start({ trainer })).rejects.toMatchObject({ inputPath: ['input', 'trainer'] });
  },
);

test('a stop raises KeyboardInterrupt in a script, as Ctrl-C does', async () => {
  addScript(
    'endless.py',
    `import os, pathlib, time
step = 0
try:
    while True:
        step += 1
        print(f"step {step} loss {1 / step}", flush=True)
        time.sleep(0.05)
except KeyboardInterrupt:
    pathlib.Path(os.environ["TRAINYARD_OUTPUT_DIR"], "saved.txt").write_text(str(step))
    print("saved", flush=True)
    raise
`,
  );
  const { id } = await runner.start({ trainer: 'endless' });
  await reach(runner, id, ({ state }) => state.status === 'RUNNING');
  await until('the script has begun', async () => (await logOf(id)).includes('step'));
  await runner.stop(id, { graceSeconds: 20 });
  const job = await reach(runner, id, ended);
  expect(job.state.status).toBe('STOPPED');
  await until('the script saved its state', async () => (await logOf(id)).includes('saved'));
});
