const QUERY = '"query":"{ __typename }"';
export const lists = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
export const objects = (levels: number) => '{"a":'.repeat(levels) + '1' + '}'.repeat(levels);

type Body = readonly [id: string, title: string, body: string];

/** Bodies that cost a parser, or what reads its result, more than others of their size. */
export const NESTED_JSON: readonly Body[] = [
  ['JSON-01', '450,000 lists within each other', `{${QUERY},"variables":{"a":${lists(450_000)}}}`],
  ['JSON-02', '160,000 objects within each other', `{${QUERY},"extensions":${objects(160_000)}}`],
  ['JSON-03', '900,000 lists that are never closed', '['.repeat(900_000)],
  ['JSON-04', 'nested lists behind a string with quotes and brackets', `{${QUERY},"b":"]\\"]\\\\","c":${lists(5000)}}`],
];

/** Valid JSON that costs a parser more than other JSON of its size. */
export const COSTLY_JSON: readonly Body[] = [
  [
    'JSON-05',
    '70,000 keys',
    `{${QUERY},"variables":{${Array.from({ length: 70_000 }, (_, n) => `"k${n}":1`).join()}}}`,
  ],
  ['JSON-06', 'one key 140,000 times', `{${QUERY},"variables":{${'"a":1,'.repeat(140_000)}"a":1}}`],
  ['JSON-07', 'a number of 900,000 digits', `{${QUERY},"variables":{"a":0.${'1'.repeat(900_000)}}}`],
  [
    'JSON-08',
    'numbers that no float can hold',
    `{${QUERY},"variables":{"a":[${'1e999999,'.repeat(10_000)}-1e999999]}}`,
  ],
  ['JSON-09', 'a key of 900,000 characters', `{${QUERY},"variables":{"${'k'.repeat(900_000)}":1}}`],
  ['JSON-10', '300,000 empty lists', `{${QUERY},"variables":{"a":[${'[],'.repeat(300_000)}[]]}}`],
];
