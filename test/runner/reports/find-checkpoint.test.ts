import { mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { homeAt } from '../../../src/runner/home.ts';
import { findNewestCheckpoint } from '../../../src/runner/reports/find-checkpoint.ts';
import { temporaryHome } from '../../support/home.ts';
import { aJob } from '../job/a-job.ts';

const { id } = aJob();
const OUTPUT = `artifacts/outputs/${id}`;

const START_OF_ZIP = 'PK\x03\x04';
const END_OF_ZIP = 'PK\x05\x06'.padEnd(22, '\0');

/** A `.safetensors` file whose header announces `bytes` bytes of tensors, and that contains `written` of them. */
function safetensors(bytes: number, written: number): Buffer {
  const header = Buffer.from(
    JSON.stringify({
      weight: { dtype: 'U8', shape: [bytes], data_offsets: [1, bytes] },
      bias: { dtype: 'U8', shape: [1], data_offsets: [0, 1] },
    }),
  );
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, Buffer.alloc(written)]);
}

/** A home in which the job has written these files, oldest first. */
function homeWith(...files: (string | readonly [path: string, content: string | Buffer])[]) {
  const home = homeAt(temporaryHome());
  for (const [index, file] of files.entries()) {
    const [path, content] = typeof file === 'string' ? [file, 'weights'] : file;
    const absolute = join(home.output(id), path);
    mkdirSync(dirname(absolute), { recursive: true });
    writeFileSync(absolute, content);
    for (const entry of [absolute, dirname(absolute)]) utimesSync(entry, 1000 + index, 1000 + index);
  }
  return home;
}

test.each([
  ['nothing', [], null],
  ['files with other endings', ['log.txt', 'model.bin'], null],
  ['the newest file', ['z.pt', 'a.ckpt', 'b.txt'], 'a.ckpt'],
  ['a file in a folder', ['old.pt', 'lightning_logs/version_0/checkpoints/epoch=1.ckpt'], undefined],
  [
    'no hidden or temporary file',
    ['model.keras', '.model.keras', 'tmp_model.pt', 'tmp-checkpoint-5/a.pt'],
    'model.keras',
  ],
  ['a checkpoint folder, not the files in it', ['checkpoint-5/model.safetensors'], 'checkpoint-5'],
  ['the newest complete folder', ['checkpoint-2/trainer_state.json', 'checkpoint-4/model.safetensors'], 'checkpoint-2'],
])('finds %s', async (_, files, found) => {
  const newest = found === undefined ? files.at(-1) : found;
  expect(await findNewestCheckpoint(homeWith(...files), id)).toBe(newest && `${OUTPUT}/${newest}`);
});

test.each([
  ['an archive without its end', `${START_OF_ZIP}${'w'.repeat(100)}`, false],
  ['a complete archive', `${START_OF_ZIP}${'w'.repeat(100)}${END_OF_ZIP}`, true],
  ['a part of a header of tensors', safetensors(100, 0).subarray(0, 20), false],
  ['a part of the tensors', safetensors(100, 50), false],
  ['all tensors', safetensors(100, 100), true],
  ['an empty file', '', false],
])('a file that was being saved when its process was killed is no checkpoint: %s', async (_, content, isFound) => {
  const name = typeof content === 'string' ? 'new.pt' : 'new.safetensors';
  expect(await findNewestCheckpoint(homeWith('old.pt', [name, content]), id)).toBe(
    `${OUTPUT}/${isFound ? name : 'old.pt'}`,
  );
});

test('a link is no checkpoint', async () => {
  const home = homeWith('log.txt');
  symlinkSync('/etc/hosts', join(home.output(id), 'model.pt'));
  expect(await findNewestCheckpoint(home, id)).toBeNull();
});
