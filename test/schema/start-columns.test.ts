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

async function start(server: TestServer, options: object, backend = 'SIMULATION') {
  const input = { dataset: 'houses.csv', backend, epochs: 1, options };
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
  [{ target: 'id' }, ['target'], 'target "id" cannot be predicted: row number. Choose one of: price, zip.'],
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

const DAYS = Array.from({ length: 30 }, (_, row) => `${row * row},n${row},2025-01-${String(row + 1).padStart(2, '0')}`);

test('startTraining refuses a file that no table training can use before a job starts, and says why', async () => {
  const server = await serve();
  const cases: readonly (readonly [content: string, path: readonly string[], message: string])[] = [
    ['Dear Anna,\nthis is a letter.\n\nBest wishes\nBob\n', ['dataset'], 'is not a table that this trainer can use. '],
    ['', ['dataset'], 'houses.csv is not a table that this trainer can use. houses.csv: the file is empty'],
    ['a\n1\n2\n', ['dataset'], 'houses.csv has only one column.'],
    [
      'a,y\n1,2\n',
      ['dataset'],
      'houses.csv has too few rows: 1 row; training and validation need at least 5. Add rows.',
    ],
    [
      `a,y\n${'1,2\n'.repeat(30)}`,
      ['options', 'target'],
      'constant (all rows have the same number). No other column can be predicted either.',
    ],
    [
      `size,name,day\n${DAYS.join('\n')}\n`,
      ['options', 'target'],
      'houses.csv: the default target "day" cannot be predicted: it contains dates. Choose one of: size.',
    ],
  ];
  for (const [content, path, message] of cases) {
    writeFileSync(join(server.home, 'datasets', 'houses.csv'), content);
    expect(await start(server, {}, 'AUTO')).toEqual({
      __typename: 'InvalidInputError',
      message: expect.stringContaining(message) as string,
      path: ['input', ...path],
    });
  }
  // A simulation reads no data.
  expect(await start(server, {})).toMatchObject({ __typename: 'StartTrainingSuccess' });
});

test('startTraining and the preview name the option that makes a file readable, and accept it', async () => {
  const server = await serve();
  const gb18030 = Buffer.from([0xba, 0xec, 0xc9, 0xab]);
  const lines = Array.from({ length: 30 }, (_, row) => [Buffer.from(`${row},`), gb18030, Buffer.from(`,${row}.5\n`)]);
  const content = [Buffer.from('title\nx,colour,y\n'), ...lines.flat()];
  writeFileSync(join(server.home, 'datasets', 'houses.csv'), Buffer.concat(content));
  expect(await start(server, { target: 'y' })).toEqual({
    __typename: 'InvalidInputError',
    message: expect.stringMatching(/line 3: .* not valid UTF-8.* set the option encoding .* "gb18030"/) as string,
    path: ['input', 'options', 'encoding'],
  });
  expect(await start(server, { encoding: 'euc-jp', header: 40 })).toMatchObject({
    message: expect.stringContaining('line 40, but the file has 32 lines') as string,
    path: ['input', 'options', 'header'],
  });
  expect(await start(server, { encoding: 'morse' })).toMatchObject({
    message: expect.stringContaining('must be equal to one of the allowed values') as string,
    path: ['input', 'options', 'encoding'],
  });
  expect(await start(server, { encoding: 'gb18030', header: 2, target: 'y' })).toMatchObject({
    __typename: 'StartTrainingSuccess',
  });

  const preview = async (options: unknown) => {
    const query = `query ($options: JSON) {
      dataset(name: "houses.csv") { preview(rows: 1, options: $options) { columns { name } rows } }
    }`;
    return (await post(server, query, { variables: { options } })).json();
  };
  expect((await preview(null)).data).toEqual({ dataset: { preview: null } });
  expect((await preview({ encoding: 'gb18030', header: 2, target: 'y' })).data).toEqual({
    dataset: {
      preview: {
        columns: [{ name: 'x' }, { name: 'colour' }, { name: 'y' }],
        rows: [['0', '\u7ea2\u8272', '0.5']],
      },
    },
  });
  for (const options of [{ encoding: 'euc-kr' }, { encoding: 5 }, { encoding: 'x y' }, { header: 0 }, 'header']) {
    expect((await preview(options)).errors).toHaveLength(1);
  }
});

test('resourceChoices lists what a start may ask of the server', async () => {
  const server = await serve({
    runner: { resources: { allowed: { partition: ['gpu'], qos: ['high'] }, maxNodes: 2 } },
  });
  const query = '{ resourceChoices { isCluster maxNodes partitions accounts qos constraints gpuTypes } }';
  expect((await post(server, query)).json().data).toEqual({
    resourceChoices: {
      isCluster: false,
      maxNodes: 2,
      partitions: ['gpu'],
      accounts: [],
      qos: ['high'],
      constraints: [],
      gpuTypes: [],
    },
  });
});
