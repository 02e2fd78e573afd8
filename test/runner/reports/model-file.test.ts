import { mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
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
    expect(await describeCheckpoint(home, job)).toMatchObject({
      path: checkpoint,
      isFolder: false,
      safetensorsPath: null,
    });
    expect(await findModelFile(home, job, 'SAFETENSORS')).toBeNull();
  },
);

test('a checkpoint can be a folder in the output folder of its job: it is described, and is no file to download', async () => {
  const folder = `artifacts/outputs/${id}/checkpoint-5`;
  const { home, job } = jobWith(`${folder}/model.safetensors`, `${folder}/deep/state.json`, `${folder}/.hidden`);
  const written = new Date('2026-01-02T03:04:05Z');
  utimesSync(join(home.root, folder, 'deep/state.json'), written, written);
  utimesSync(join(home.root, folder, 'model.safetensors'), new Date(0), new Date(0));
  expect(await describeCheckpoint(home, { ...job, checkpoint: folder })).toEqual({
    path: folder,
    isFolder: true,
    bytes: 2 * 'weights'.length,
    savedAt: written.getTime(),
    safetensorsPath: null,
  });
  expect(await findModelFile(home, { ...job, checkpoint: folder }, 'CHECKPOINT')).toBeNull();
});

test.each(['missing', 'empty', 'link', '../other/checkpoint-1', 'checkpoint-1/../checkpoint-1', '.hidden'])(
  'there is no checkpoint folder %j',
  async (name) => {
    const outputs = `artifacts/outputs/${id}`;
    const { home, job } = jobWith(
      `${outputs}/checkpoint-1/model.bin`,
      `${outputs}/.hidden/model.bin`,
      'artifacts/outputs/other/checkpoint-1/model.bin',
    );
    mkdirSync(join(home.root, outputs, 'empty'));
    symlinkSync('checkpoint-1', join(home.root, outputs, 'link'));
    expect(await describeCheckpoint(home, { ...job, checkpoint: `${outputs}/${name}` })).toBeNull();
  },
);
