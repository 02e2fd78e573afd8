import { expect, test } from 'vitest';
import { hidePaths } from '../../../src/runner/job/hide-paths.ts';

test.each([
  ["No such file: '/home/ada/lab/data.csv'", "No such file: '…/data.csv'"],
  ['File "/opt/venv/lib/python3.12/site-packages/torch/nn.py", line 3', 'File "…/nn.py", line 3'],
  ['see file:///srv/lab/readme.', 'see …/readme.'],
  ['(/srv/lab/)', '(…/lab)'],
  ['at=/srv/lab/x:12', 'at=…/x:12'],
  ['in /srv/my lab/datasets/x.csv', 'in …/datasets/x.csv'],
])('%s loses its folders', (text, expected) => {
  expect(hidePaths(text, '/srv/my lab')).toBe(expected);
});

test.each([
  'https://lab.example/docs/a/b?c=/d',
  'models/job_1.pt and ../secret/x.csv and ./a/b/c',
  'samples/s, 3 / 4 / 5, and/or, // comment, /tmp',
  '~/lab/data.csv',
])('%s stays as it is', (text) => {
  expect(hidePaths(text, '/srv/my lab')).toBe(text);
});

test('a long text takes time in proportion to its length', () => {
  for (const text of ['/'.repeat(100_000), '/a'.repeat(50_000), 'a/'.repeat(50_000), '/a /'.repeat(25_000)]) {
    const began = performance.now();
    hidePaths(text);
    expect(performance.now() - began).toBeLessThan(1000);
  }
});
