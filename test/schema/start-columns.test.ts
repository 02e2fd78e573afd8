import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { post, serve, type TestServer } from '../server/support.ts';

const START = `mutation ($input: StartTrainingInput!) { startTraining(input: $input) {
  __typename ... on Error { message } ... on InvalidInputError { path } ... on StartTrainingSuccess { job { id } }
} }`;

const TABLE = [
  'id,price,day,zip',
  ...Array.from({ length: 30 }, (_, row) => `${row + 1},${row}.5,2025-01-${row + 1},0${row % 3}`),
];

async function start(server: TestServer, options: object) {
  const input = { dataset: 'houses.csv', backend: 'SIMULATION', epochs: 1, options };
  return (await post(server, START, { variables: { input } })).json().data?.['startTraining'];
}

async function serveTable(): Promise<TestServer> {
  const server = await serve();
  writeFileSync(join(server.home, 'datasets', 'houses.csv'), `${TABLE.join('\n')}\n`);
  return server;
}

test.each([
  [
    { target: 'prise' },
    ['target'],
    'target: "prise" is not a column of the file. Did you mean "price"? Columns: id, price, day, zip.',
  ],
  [{ target: ['price', 'Zip'] }, ['target'], 'Did you mean "zip"?'],
  [{ target: 'id' }, ['target'], 'target "id" cannot be predicted: row number. Choose one of: price, day, zip.'],
  [{ target: 'day' }, ['target'], 'target "day" cannot be predicted: it contains dates.'],
  [{ columns: { zp: 'CATEGORY' } }, ['columns', 'zp'], 'columns: "zp" is not a column of the file.'],
  [{ target: 'price', columns: { price: 'IGNORE' } }, ['columns', 'price'], '"price" is the target'],
  [
    { columns: { zip: 'LABEL' } },
    ['columns', 'zip'],
    'must be equal to one of the allowed values: "NUMBER", "CATEGORY"',
  ],
])('startTraining refuses the options %j and names the columns', async (options, path, message) => {
  const server = await serveTable();
  expect(await start(server, options)).toEqual({
    __typename: 'InvalidInputError',
    message: expect.stringContaining(message) as string,
    path: ['input', 'options', ...path],
  });
});

test.each([
  { target: 'price' },
  { target: ['price', 'id'], columns: { id: 'NUMBER' } },
  { columns: { zip: 'CATEGORY', day: 'IGNORE' }, missing: ['-999'] },
  {},
])('startTraining accepts the options %j', async (options) => {
  const server = await serveTable();
  expect(await start(server, options)).toMatchObject({ __typename: 'StartTrainingSuccess' });
});

test('a dataset that cannot be read is left to the training, which says why', async () => {
  const server = await serve();
  writeFileSync(join(server.home, 'datasets', 'houses.csv'), 'a,b\n1\n');
  expect(await start(server, { target: 'c' })).toMatchObject({ __typename: 'StartTrainingSuccess' });
});
