import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startTraining } from '../support/api-client.ts';
import { startTestServer } from '../support/server-process.ts';
import { until } from '../support/until.ts';
import { trainyard } from './command-support.ts';

const SCRIPT = `from trainyard import Reporter
with Reporter.from_environment() as report:
    report.begin(total_steps=1)
    report.step(1, loss=0.5)
    report.evaluation(
        {"accuracy": 0.61, "log_loss": 0.7},
        rows=100, epoch=3, chosen_by="val_loss", baseline={"accuracy": 0.6}, baseline_name="most frequent class",
        confusion={"labels": ["cat", "dog"], "counts": [[55, 5], [34, 6]]},
        importance={"ears": 0.01}, notes=["Few rows."],
    )
`;

test('the evaluation of a model is shown at the end of its job and by `trainyard evaluation`', async () => {
  await using server = await startTestServer({ environment: { TRAINYARD_MAX_RUNNING: '1' } });
  const { url, home } = server;
  mkdirSync(join(home, 'trainers'), { recursive: true });
  writeFileSync(join(home, 'trainers/judged.py'), SCRIPT);
  const { id } = await until('the script is a trainer', () =>
    startTraining(url, { trainer: 'judged' }).catch(() => null),
  );
  // How good, compared with what, on which data, from which epoch, in the words of the page.
  const score = [
    'Accuracy 0.6100 (always predicting the most frequent class: 0.6000)',
    'Measured on 100 held-out test rows. The model is that of epoch 3, which has the lowest val_loss.',
    'Few rows.\n',
  ].join('\n');
  const watched = (await trainyard(url, ['watch', id])).stdout;
  expect(watched).toContain(`${score}For details: trainyard evaluation ${id.slice(-8)}\n`);

  const { stdout } = await trainyard(url, ['evaluation', id]);
  expect(stdout.startsWith(score)).toBe(true);
  expect(stdout).toMatch(/^Accuracy +0\.6100 +0\.6000$/m);
  expect(stdout).toMatch(/^cat +55 +5$/m);
  expect(stdout).toMatch(/^ears +0\.01000$/m);
  expect(JSON.parse((await trainyard(url, ['evaluation', id, '--json'])).stdout)).toMatchObject({
    ...{ id, score: { value: 0.61, hardlyBetter: true } },
    evaluation: { confusion: { labels: ['cat', 'dog'] } },
  });
});
