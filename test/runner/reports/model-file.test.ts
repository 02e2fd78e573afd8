import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { homeAt } from '../../../src/runner/home.ts';
import { describeCheckpoint, findModelFile } from '../../../src/runner/reports/model-file.ts';
import { temporaryHome } from '../../support/home.ts';
import { aJob } from '../job/a-job.ts';

const { id } = aJob();

/** A home with these files, and a job that reported `checkpoint`. */
function jobWith(checkpoint: string, ...others: string[]) {
  const home = homeAt(temporaryHome());
  for (const file of [checkpoint, ...others]) {
    mkdirSync(join(home.root, file, '..'), { recursive: true });
    writeFileSync(join(home.root, file), 'weights');
  }
  return { home, job: aJob({ checkpoint }) };
}

test.each([
  [`models/${id}.pt`, `models/${id}.safetensors`],
  [`artifacts/outputs/${id}/best.pt`, `artifacts/outputs/${id}/best.safetensors`],
])('a checkpoint %s has its safetensors file next to it', async (checkpoint, safetensors) => {
  const { home, job } = jobWith(checkpoint, safetensors);
  expect(await describeCheckpoint(home, job)).toMatchObject({ path: checkpoint, safetensorsPath: safetensors });
  expect(await findModelFile(home, job, 'CHECKPOINT')).toBe(join(home.root, checkpoint));
  expect(await findModelFile(home, job, 'SAFETENSORS')).toBe(join(home.root, safetensors));
});

test.each([`models/${id}.safetensors`, `artifacts/outputs/${id}/model/model.safetensors`])(
  'a checkpoint %s is its own safetensors file',
  async (checkpoint) => {
    const { home, job } = jobWith(checkpoint);
    expect(await describeCheckpoint(home, job)).toMatchObject({ path: checkpoint, safetensorsPath: checkpoint });
    expect(await findModelFile(home, job, 'SAFETENSORS')).toBe(join(home.root, checkpoint));
  },
);

test.each([`models/${id}.pt`, `models/${id}.txt`, `artifacts/outputs/${id}/best.pt`])(
  'a checkpoint %s alone has no safetensors file',
  async (checkpoint) => {
    const { home, job } = jobWith(checkpoint);
    expect(await describeCheckpoint(home, job)).toMatchObject({ path: checkpoint, safetensorsPath: null });
    expect(await findModelFile(home, job, 'SAFETENSORS')).toBeNull();
  },
);
