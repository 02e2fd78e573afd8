import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { codesOf, post, serve, type TestServer } from '../server/support.ts';

const DATASET = `query ($name: String!, $rows: Int) { dataset(name: $name) {
  name format columns rows problem url
  preview(rows: $rows) {
    notes columnCount rowsRead complete rows columns { name kind gaps missing { text count } distinct minimum maximum note }
  }
} }`;

const write = ({ home }: TestServer, name: string, content: string) =>
  writeFileSync(join(home, 'datasets', name), content);
const ask = async (server: TestServer, name: string, rows?: number) =>
  (await post(server, DATASET, { variables: { name, rows } })).json();

test('a preview contains the kinds of the columns and the first rows, with missing values', async () => {
  const server = await serve();
  write(server, 'houses.csv', 'area,city,price\n1.5,Oslo,10\nNA,Bergen,20\n3,Oslo,\n');
  const { data, errors } = await ask(server, 'houses.csv', 2);
  expect(errors).toBeUndefined();
  expect(data?.['dataset']).toEqual({
    name: 'houses.csv',
    format: 'CSV',
    columns: ['area', 'city', 'price'],
    rows: 3,
    problem: null,
    url: '/datasets/houses.csv',
    preview: {
      notes: [],
      columnCount: 3,
      rowsRead: 3,
      complete: true,
      rows: [
        ['1.5', 'Oslo', '10'],
        [null, 'Bergen', '20'],
      ],
      columns: [
        {
          name: 'area',
          kind: 'NUMBER',
          gaps: 1,
          missing: [{ text: 'NA', count: 1 }],
          distinct: 2,
          minimum: 1.5,
          maximum: 3,
          note: null,
        },
        { name: 'city', kind: 'CATEGORY', gaps: 0, missing: [], distinct: 2, minimum: null, maximum: null, note: null },
        {
          name: 'price',
          kind: 'NUMBER',
          gaps: 1,
          missing: [{ text: '', count: 1 }],
          distinct: 2,
          minimum: 10,
          maximum: 20,
          note: null,
        },
      ],
    },
  });
});

test('a preview names the notation of numbers, cells that do not fit, and lines that are left out', async () => {
  const server = await serve();
  const rows = Array.from(
    { length: 30 },
    (_, row) => `${row},5 kg;${row % 10 === 4 ? 'broken' : `${row}.5`};07:${10 + row}`,
  );
  write(server, 'notes.csv', `sep=;\nweight;sensor;at\n${rows.join('\n')}\n`);
  const { data, errors } = await ask(server, 'notes.csv', 1);
  expect(errors).toBeUndefined();
  expect(data?.['dataset']).toMatchObject({
    preview: {
      notes: [expect.stringContaining('sep=;') as string],
      columns: [
        { kind: 'NUMBER', minimum: 0.5, maximum: 29.5, note: "numbers with decimal commas and the unit 'kg'" },
        {
          kind: 'NUMBER',
          note: expect.stringContaining(
            "3 of 30 values are not numbers and count as missing; the first is 'broken' in line 7",
          ) as string,
        },
        { kind: 'TIME', note: null },
      ],
    },
  });
});

test('an unreadable dataset has a problem and no preview, and a missing dataset is null', async () => {
  const server = await serve();
  write(server, 'bad.csv', 'a,b\n1,2,3\n');
  expect((await ask(server, 'bad.csv')).data?.['dataset']).toMatchObject({
    preview: null,
    problem: expect.stringMatching(/line 2/) as string,
  });
  write(server, '.hidden.csv', 'a,b\n1,2\n');
  mkdirSync(join(server.home, 'datasets', 'folder'));
  symlinkSync(join(server.home, 'artifacts', 'trainyard.db'), join(server.home, 'datasets', 'out.csv'));
  for (const name of [
    'missing.csv',
    '',
    '.',
    'folder',
    '.hidden.csv',
    'out.csv',
    '../artifacts/trainyard.db',
    'a\0b',
  ]) {
    expect(await ask(server, name)).toEqual({ data: { dataset: null } });
  }
});

test('a large file has columns and a preview, but no row count', async () => {
  const server = await serve();
  write(server, 'large.csv', `x,y\n${'1,2\n3,4\n'.repeat(8_500_000)}`);
  expect((await ask(server, 'large.csv', 1)).data?.['dataset']).toMatchObject({
    columns: ['x', 'y'],
    rows: null,
    problem: null,
    preview: { complete: false, rows: [['1', '2']] },
  });
  const { data } = (await post(server, '{ datasets { name rows } }')).json();
  expect(data?.['datasets']).toEqual([
    { name: 'large.csv', rows: null },
    { name: 'sample.csv', rows: 30 },
  ]);
});

test('a file that changes is read again', async () => {
  const server = await serve();
  write(server, 'a.csv', 'x,y\n1,2\n');
  expect((await ask(server, 'a.csv')).data?.['dataset']).toMatchObject({ rows: 1 });
  write(server, 'a.csv', 'x,y\n1,2\n3,4\n');
  expect((await ask(server, 'a.csv')).data?.['dataset']).toMatchObject({ rows: 2, preview: { rowsRead: 2 } });
});

test('rows out of range and previews of all files at once are rejected', async () => {
  const server = await serve();
  for (const rows of [0, -1, 201]) expect(codesOf(await ask(server, 'sample.csv', rows))).toEqual(['INVALID_INPUT']);
  const all = await post(server, '{ datasets { preview { rowsRead } } }');
  expect(codesOf(all.json())).toEqual(['OPERATION_TOO_COMPLEX']);
});
