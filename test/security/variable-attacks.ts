import type { Attack } from './attack.ts';
import type { Operation } from './operations.ts';

const COUNT = 'query ($filter: JobFilter) { jobCounts(filter: $filter) { total } }';
const START = 'mutation ($options: JSON) { startTraining(input: { options: $options }) { __typename } }';
const OWN = 'A review of this server: errors were collected without end, each with the whole value in it';

export const keys = (count: number, value: (index: number) => unknown = (index) => index) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`key${index}`, value(index)]));
export const filtered = (filter: unknown): Operation => ({ query: COUNT, variables: { filter } });
export const started = (options: unknown): Operation => ({ query: START, variables: { options } });

export function nested(levels: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level++) value = level % 2 === 0 ? [value] : { a: value };
  return value;
}

/** Variables that cost much for their size. */
export const VARIABLE_ATTACKS: readonly Attack[] = [
  {
    id: 'VAR-01',
    title: '4,000 unknown keys in an input object',
    precedent: OWN,
    operation: () => filtered(keys(4000)),
    code: 'VARIABLES_TOO_LARGE',
  },
  {
    id: 'VAR-02',
    title: '50,000 unknown keys in an input object',
    precedent: OWN,
    operation: () => filtered(keys(50_000)),
    code: 'VARIABLES_TOO_LARGE',
  },
  {
    id: 'VAR-03',
    title: '60,000 wrong values of an enum',
    precedent: OWN,
    operation: () => filtered({ status: Array(60_000).fill('NO') }),
    code: 'VARIABLES_TOO_LARGE',
  },
  {
    id: 'VAR-04',
    title: 'as many wrong values of an enum as a list may have',
    precedent: OWN,
    operation: () => filtered({ status: Array(20_000).fill('NO') }),
    code: 'BAD_USER_INPUT',
  },
  {
    id: 'VAR-05',
    title: 'as many unknown keys as allowed, next to a long text that each error would print',
    precedent: OWN,
    operation: () => filtered({ ...keys(990), text: 'x'.repeat(90_000) }),
    code: 'BAD_USER_INPUT',
  },
  {
    id: 'VAR-06',
    title: 'unknown keys that hold objects with as many keys as allowed',
    precedent: OWN,
    operation: () => filtered(keys(20, () => keys(1000))),
    code: 'BAD_USER_INPUT',
  },
  {
    id: 'VAR-07',
    title: 'many objects within every limit but that of all values together',
    precedent: OWN,
    operation: () => started(keys(30, () => keys(1000))),
    code: 'VARIABLES_TOO_LARGE',
  },
  {
    id: 'VAR-08',
    title: 'long lists in several variables',
    precedent: OWN,
    operation: () => ({
      query: `query (${['$a', '$b', '$c'].map((name) => `${name}: [ID!]`).join(' ')}) {
        a: jobCounts(filter: { ids: $a }) { total } b: jobCounts(filter: { ids: $b }) { total } c: jobCounts(filter: { ids: $c }) { total }
      }`,
      variables: { a: Array(9000).fill('x'), b: Array(9000).fill('x'), c: Array(9000).fill('x') },
    }),
    code: 'VARIABLES_TOO_LARGE',
  },
  {
    id: 'VAR-09',
    title: '1,000 levels of objects and lists',
    precedent: 'CVE-2023-5072: nested JSON exhausts the memory of a parser',
    operation: () => started(nested(1000)),
    code: 'VARIABLES_TOO_LARGE',
  },
  {
    id: 'VAR-10',
    title: 'a text of 500,000 characters',
    precedent: OWN,
    operation: () => filtered({ trainer: 'x'.repeat(500_000) }),
    code: 'VARIABLES_TOO_LARGE',
  },
  {
    id: 'VAR-11',
    title: 'a key of 500,000 characters',
    precedent: OWN,
    operation: () => filtered({ ['x'.repeat(500_000)]: 1 }),
    code: 'VARIABLES_TOO_LARGE',
  },
  {
    id: 'VAR-12',
    title: 'a variable with a name of 500,000 characters that holds too much',
    precedent: OWN,
    operation: () => ({ query: COUNT, variables: { ['x'.repeat(500_000)]: keys(2000) } }),
    code: 'VARIABLES_TOO_LARGE',
  },
  {
    id: 'VAR-13',
    title: 'a text of the maximum length in place of a number',
    precedent: OWN,
    operation: () => ({
      query: 'query ($first: Int) { jobs(first: $first) { totalCount } }',
      variables: { first: 'x'.repeat(100_000) },
    }),
    code: 'BAD_USER_INPUT',
  },
  {
    id: 'VAR-14',
    title: 'too much in a variable that no operation declares',
    precedent: OWN,
    operation: () => ({ query: '{ __typename }', variables: { unknown: keys(2000) } }),
    code: 'VARIABLES_TOO_LARGE',
  },
  {
    id: 'VAR-15',
    title: 'too much in a variable of a subscription',
    precedent: OWN,
    operation: () => ({
      query: 'subscription ($filter: JobFilter) { jobsChanged(filter: $filter) { kind } }',
      variables: { filter: keys(2000) },
    }),
    code: 'VARIABLES_TOO_LARGE',
  },
  {
    id: 'VAR-16',
    title: '22,000 wrong values of an enum: more than a list may have, and less than all values together',
    precedent: OWN,
    operation: () => filtered({ status: Array(22_000).fill('NO') }),
    code: 'VARIABLES_TOO_LARGE',
  },
];
