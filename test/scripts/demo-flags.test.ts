import { expect, test } from 'vitest';
import { parseDemoFlags } from '../../scripts/demo/flags.ts';
import { UsageError } from '../../src/cli/usage-error.ts';

test('missing flags are null, so that the server uses its defaults', () => {
  expect(parseDemoFlags([])).toEqual({
    once: false,
    help: false,
    port: null,
    dataset: null,
    name: null,
    backend: null,
    epochs: null,
    batchSize: null,
    learningRate: null,
    seed: null,
    options: null,
  });
});

test('every flag is parsed, and option values are JSON where possible', () => {
  const line =
    '--once --epochs 5 --batch-size=32 --learning-rate 1e-3 --seed 0 --dataset mine.csv --name first --backend torch --port 0';
  const options = ['--option', 'hidden=[64,32]', '--option', 'target=price', '--option', 'note=a=b'];
  expect(parseDemoFlags([...line.split(' '), ...options])).toEqual({
    once: true,
    help: false,
    port: 0,
    dataset: 'mine.csv',
    name: 'first',
    backend: 'TORCH',
    epochs: 5,
    batchSize: 32,
    learningRate: 0.001,
    seed: 0,
    options: { hidden: [64, 32], target: 'price', note: 'a=b' },
  });
});

test.each([
  { line: '--epoch 5', says: "'--epoch'." },
  { line: '--epochs five', says: '--epochs takes a whole number, not "five".' },
  { line: '--epochs 1.5', says: '--epochs takes a whole number' },
  { line: '--batch-size=', says: '--batch-size takes a whole number' },
  { line: '--learning-rate fast', says: '--learning-rate takes a number' },
  { line: '--port 70000', says: '--port takes a whole number from 0 to 65535' },
  { line: '--backend gpu', says: '--backend takes AUTO, TORCH, SIMULATION' },
  { line: '--option target', says: '--option takes KEY=VALUE' },
  { line: '--dataset', says: '--dataset' },
  { line: 'mine.csv', says: /mine\.csv.*\.$/ },
])('$line is rejected with an error that names the flag', ({ line, says }) => {
  const parse = () => parseDemoFlags(line.split(' '));
  expect(parse).toThrow(UsageError);
  expect(parse).toThrow(says);
});
