import { expect, test } from 'vitest';
import { hidePaths } from '../../../src/runner/job/hide-paths.ts';

test.each([
  ["No such file: '/home/ada/lab/data.csv'", "No such file: '…/data.csv'"],
  ['File "/opt/venv/lib/python3.12/site-packages/torch/nn.py", line 3', 'File "…/nn.py", line 3'],
  ['see file:///srv/lab/readme.', 'see …/readme.'],
  ['(/srv/lab/)', '(…/lab)'],
  ['at=/srv/lab/x:12', 'at=…/x:12'],
  ['in /srv/my lab/datasets/x.csv', 'in …/datasets/x.csv'],
  ["No such file: '/srv/other lab/it is/x.csv'", "No such file: '…/x.csv'"],
  [`No such file: "/srv/ada's lab/x.csv" or '/mnt/y z/w'`, `No such file: "…/x.csv" or '…/w'`],
])('%s loses its folders', (text, expected) => {
  expect(hidePaths(text, '/srv/my lab')).toBe(expected);
});

test("a folder with quotes is recognised as it is, and in Python's and JSON's strings", () => {
  const root = `/srv/ada's "lab"`;
  for (const text of [`${root}/x.csv`, String.raw`/srv/ada\'s "lab"/x.csv`, String.raw`/srv/ada's \"lab\"/x.csv`]) {
    expect(hidePaths(`in ${text}`, root)).toBe('in …/x.csv');
  }
});

test.each([
  "units '/s' and '/ms'",
  'https://lab.example/docs/a/b?c=/d',
  'models/job_1.pt and ../secret/x.csv and ./a/b/c',
  'samples/s, 3 / 4 / 5, and/or, // comment, /tmp',
  '~/lab/data.csv',
])('%s stays as it is', (text) => {
  expect(hidePaths(text, '/srv/my lab')).toBe(text);
});

test('a long text takes time in proportion to its length', () => {
  for (const text of [
    '/'.repeat(100_000),
    '/a'.repeat(50_000),
    'a/'.repeat(50_000),
    '/a /'.repeat(25_000),
    `'/`.repeat(50_000),
  ]) {
    const began = performance.now();
    hidePaths(text);
    expect(performance.now() - began).toBeLessThan(1000);
  }
});
