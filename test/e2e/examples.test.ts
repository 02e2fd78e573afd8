import { spawnSync } from 'node:child_process';
import { cpSync, globSync } from 'node:fs';
import { basename, join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { REPOSITORY_ROOT } from '../../src/cli/environment/paths.ts';
import type { JobEvent, Runner, StartInput } from '../../src/runner/index.ts';
import { temporaryHome } from '../support/home.ts';
import { collect, ended, PYTHON, reach, startRunner } from '../support/runner.ts';
import { until } from '../support/until.ts';

const EXAMPLES = join(REPOSITORY_ROOT, 'examples/trainers');
const MODULES = ['torch', 'transformers', 'lightning', 'keras', 'xgboost', 'tensorboard', 'mlflow', 'tqdm'];

/** The modules of the examples that this Python lacks. CI has all of them: `npm run setup -- --test --integrations`. */
const missing = spawnSync(
  PYTHON,
  ['-c', `import importlib.util as u\nprint(*[m for m in ${JSON.stringify(MODULES)} if not u.find_spec(m)])`],
  { encoding: 'utf8' },
).stdout.trim();

/** Settings that make the examples long enough to watch; `processes` where the example is about several. */
const EXAMPLE_INPUTS: Readonly<Record<string, StartInput>> = {
  keras_fit: { epochs: 4 },
  lightning_module: { epochs: 4 },
  mlflow_run: { epochs: 400 },
  no_library: { epochs: 60 },
  pytorch_mnist: { epochs: 10 },
  tensorboard_writer: { options: { steps: 5000 } },
  torchrun_ddp: { epochs: 20, processes: 2 },
  tqdm_bars: { epochs: 20 },
  transformers_trainer: { epochs: 2 },
  xgboost_rounds: { options: { rounds: 2000 } },
};

/** Examples that continue where they were stopped, with enough epochs that they do not end before. */
const RESUMABLE: Readonly<Record<string, StartInput>> = {
  keras_fit: { epochs: 500 },
  lightning_module: { epochs: 500 },
  tqdm_bars: { epochs: 500 },
  transformers_trainer: { epochs: 500 },
};

test('each example has its input here', () => {
  const names = globSync('*.py', { cwd: EXAMPLES }).map((file) => basename(file, '.py'));
  expect(names.sort()).toEqual(Object.keys(EXAMPLE_INPUTS).sort());
});

describe.skipIf(missing !== '' && !process.env['CI'])(
  'with the libraries of the examples',
  { timeout: 240_000 },
  () => {
    let runner: Runner;
    beforeEach(async () => {
      const home = temporaryHome();
      cpSync(EXAMPLES, join(home, 'trainers'), { recursive: true });
      runner = await startRunner(home);
    });

    test.for(Object.entries(EXAMPLE_INPUTS))(
      '%s runs without a changed line, with live percent and numbers',
      async ([trainer, input]) => {
        const { id } = await runner.start({ trainer, ...input });
        const events = await collect(runner.watch(id));
        expect(events.at(-1)?.status, await logOf(id)).toBe('COMPLETED');
        const percents = events.map(({ progress }) => progress.percent);
        expect(percents).toEqual(percents.toSorted((a, b) => a - b));
        expect(percents.filter((percent) => percent > 0 && percent < 100).length).toBeGreaterThan(0);
        expect(Object.values(lastOf(events).metrics).some((value) => typeof value === 'number')).toBe(true);
      },
    );

    test.for(Object.entries(RESUMABLE))(
      '%s stops gracefully and continues where it stopped',
      async ([trainer, input]) => {
        const { id } = await runner.start({ trainer, ...input });
        await reach(runner, id, ({ progress }) => progress.epoch >= 3);
        await runner.stop(id, { graceSeconds: 60 });
        const stopped = await reach(runner, id, ended);
        expect(stopped.state.status, await logOf(id)).toBe('STOPPED');
        const before = stopped.progress.step;
        await runner.resume(id, {});
        const continued = await reach(runner, id, (job) => job.attempt === 2 && (job.progress.step > 0 || ended(job)));
        // The first number of the new attempt: at most the interrupted epoch is repeated, and at least two were complete.
        expect(continued.progress.step, await logOf(id)).toBeGreaterThan(before / 2);
        // A progress bar and the libraries count more steps than they report numbers for.
        await until('a number after the stop', async () => Math.max(...(await stepsOf(id))) > before);
        await runner.stop(id, { graceSeconds: 60 });
        expect((await reach(runner, id, ended)).state.status, await logOf(id)).toBe('STOPPED');
        // The curve of the first attempt is still there, and continues.
        const steps = await stepsOf(id);
        expect(Math.min(...steps)).toBeLessThan(before / 2);
        expect(Math.max(...steps)).toBeGreaterThan(before);
      },
    );

    async function stepsOf(id: string): Promise<number[]> {
      return (await runner.metrics(id)).flatMap(({ points }) => [...(points?.steps ?? [])]);
    }

    async function logOf(id: string): Promise<string> {
      const { lines } = await runner.log(id, { last: 30 });
      return lines.map(({ text }) => text).join('\n');
    }
  },
);

function lastOf(events: readonly JobEvent[]): JobEvent['progress'] {
  const last = events.at(-1);
  if (!last) throw new Error('no event');
  return last.progress;
}
