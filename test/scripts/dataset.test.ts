import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { placeDataset } from '../../scripts/demo/dataset.ts';
import { UsageError } from '../../src/cli/usage-error.ts';
import { temporaryHome } from '../support/home.ts';

test('a file from another folder is copied to datasets/ once', async () => {
  const [folder, home] = [temporaryHome(), temporaryHome()];
  writeFileSync(join(folder, 'mine.csv'), 'x,y\n1,2\n');

  expect(await placeDataset('mine.csv', { folder, home })).toEqual({ name: 'mine.csv', copied: true });
  expect(await placeDataset('mine.csv', { folder, home })).toEqual({ name: 'mine.csv', copied: false });
  expect(readFileSync(join(home, 'datasets', 'mine.csv'), 'utf8')).toBe('x,y\n1,2\n');
  expect(readdirSync(join(home, 'datasets'))).toEqual(['mine.csv']);
});

test('a different file of the same name is not overwritten, and the same file always gets the same name', async () => {
  const [folder, home] = [temporaryHome(), temporaryHome()];
  mkdirSync(join(home, 'datasets'));
  writeFileSync(join(home, 'datasets', 'mine.csv.gz'), 'theirs');
  writeFileSync(join(folder, 'mine.csv.gz'), 'ours');

  const { name, copied } = await placeDataset('mine.csv.gz', { folder, home });
  expect(copied).toBe(true);
  expect(name).toMatch(/^mine-[0-9a-f]{8}\.csv\.gz$/);
  expect(readFileSync(join(home, 'datasets', 'mine.csv.gz'), 'utf8')).toBe('theirs');
  expect(await placeDataset('mine.csv.gz', { folder, home })).toEqual({ name, copied: false });
});

test('a file in datasets/ is not copied, whether given by path or by name', async () => {
  const [folder, home] = [temporaryHome(), temporaryHome()];
  mkdirSync(join(home, 'datasets', 'deep'), { recursive: true });
  writeFileSync(join(home, 'datasets', 'deep', 'mine.csv'), 'x,y\n');
  symlinkSync(home, join(folder, 'link'));

  const expected = { name: 'deep/mine.csv', copied: false };
  expect(await placeDataset('deep/mine.csv', { folder, home })).toEqual(expected);
  expect(await placeDataset('link/datasets/deep/mine.csv', { folder, home })).toEqual(expected);
});

test('the error for a missing file names the searched folders and the existing datasets', async () => {
  const [folder, home] = [temporaryHome(), temporaryHome()];
  mkdirSync(join(home, 'datasets'));
  writeFileSync(join(home, 'datasets', 'other.csv'), '');

  const placing = placeDataset('mine.csv', { folder, home });
  await expect(placing).rejects.toThrow(UsageError);
  await expect(placing).rejects.toThrow(/mine\.csv.*\(which has other\.csv\)/);
  await expect(placeDataset('.', { folder, home })).rejects.toThrow('is not a file');
});
