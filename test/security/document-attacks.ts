import { type Attack, times } from './attack.ts';

const OWN = 'A review of this server';
const fields = (count: number) => times(count, (index) => `key${index}: ${index}`);
const counted = (filter: string) => ({ query: `{ jobCounts(filter: ${filter}) { total } }` });
const chain = (count: number, spreads: number) => ({
  query: `{ ...F0 } ${times(count, (index) => `fragment F${index} on Query { ${times(spreads, () => `...F${index + 1}`)} }`)}
    fragment F${count} on Query { trainers { name } }`,
});

/** Documents that cost much for their size. */
export const DOCUMENT_ATTACKS: readonly Attack[] = [
  {
    id: 'DOC-01',
    title: '50,000 unknown fields in a literal',
    precedent: OWN,
    operation: () => counted(`{ ${fields(50_000)} }`),
    code: 'OPERATION_TOO_COMPLEX',
  },
  {
    id: 'DOC-02',
    title: '600 unknown fields in a literal, next to a text that each error would print: 90 MB of errors',
    precedent: OWN,
    operation: () => counted(`{ ${fields(600)} text: "${'x'.repeat(900_000)}" }`),
    code: 'OPERATION_TOO_COMPLEX',
  },
  {
    id: 'DOC-03',
    title: 'the same with as long a text as allowed',
    precedent: OWN,
    operation: () => counted(`{ ${fields(600)} text: "${'x'.repeat(90_000)}" }`),
    code: 'GRAPHQL_VALIDATION_FAILED',
  },
  {
    id: 'DOC-04',
    title: '10,000 unknown fields in a selection',
    precedent: OWN,
    operation: () => ({ query: `{ ${times(10_000, (index) => `field${index}`)} }` }),
    code: 'OPERATION_TOO_COMPLEX',
  },
  {
    id: 'DOC-05',
    title: 'as many unknown fields as a document may have',
    precedent: OWN,
    operation: () => ({ query: `{ ${times(1900, (index) => `field${index}`)} }` }),
    code: 'GRAPHQL_VALIDATION_FAILED',
  },
  {
    id: 'DOC-06',
    title: '900 unknown directives',
    precedent: 'CVE-2022-37734: many directives stall graphql-java',
    operation: () => ({ query: `{ __typename ${times(900, (index) => `@directive${index}`)} }` }),
    code: 'GRAPHQL_VALIDATION_FAILED',
  },
  {
    id: 'DOC-07',
    title: '200 directives of one kind',
    precedent: 'CVE-2022-37734: many directives stall graphql-java',
    operation: () => ({ query: `{ __typename ${times(200, () => '@skip(if: false)')} }` }),
    code: 'GRAPHQL_VALIDATION_FAILED',
  },
  {
    id: 'DOC-08',
    title: '900 brackets within each other',
    precedent: 'CVE-2022-21708: nested documents overflow the stack of a Go server',
    operation: () => ({ query: `{ job(id: ${'['.repeat(900)}1${']'.repeat(900)}) { id } }` }),
    code: 'OPERATION_TOO_COMPLEX',
  },
  {
    id: 'DOC-09',
    title: 'an alias of 90,000 characters, which every entry of a list would repeat',
    precedent: OWN,
    operation: () => ({ query: `{ trainers { ${'a'.repeat(90_000)}: name } }` }),
    code: 'OPERATION_TOO_COMPLEX',
  },
  {
    id: 'DOC-10',
    title: 'a wrong literal of 90,000 characters',
    precedent: OWN,
    operation: () => ({ query: `{ jobs(first: "${'x'.repeat(90_000)}") { totalCount } }` }),
    code: 'GRAPHQL_VALIDATION_FAILED',
  },
  {
    id: 'DOC-11',
    title: 'a syntax error at a text of 90,000 characters',
    precedent: OWN,
    operation: () => ({ query: `{ job "${'x'.repeat(90_000)}" }` }),
    code: 'GRAPHQL_PARSE_FAILED',
  },
  {
    id: 'DOC-12',
    title: '390 selections of one field, which are compared two by two',
    precedent: 'CVE-2023-26144: overlapping fields stall graphql-js',
    operation: () => ({ query: `{ ${times(390, () => 'trainers { name name }')} }` }),
    code: 'OPERATION_TOO_COMPLEX',
  },
  {
    id: 'DOC-13',
    title: '150 fragments that each spread the next one twice',
    precedent: 'CVE-2025-32032: fragments that are expanded repeatedly stall a query planner',
    operation: () => chain(150, 2),
    code: 'OPERATION_TOO_COMPLEX',
  },
  {
    id: 'DOC-14',
    title: 'a variable of an unknown type for each token',
    precedent: OWN,
    operation: () => ({ query: `query (${times(390, (index) => `$v${index}: Type${index}`)}) { __typename }` }),
    code: 'GRAPHQL_VALIDATION_FAILED',
  },
  {
    id: 'DOC-15',
    title: '300 aliases',
    precedent: 'Batching by aliases, as in the GraphQL cheat sheet of OWASP',
    operation: () => ({ query: `{ ${times(300, (index) => `a${index}: __typename`)} }` }),
    code: 'OPERATION_TOO_COMPLEX',
  },
  {
    id: 'DOC-16',
    title: 'a comment of 900,000 characters',
    precedent: OWN,
    operation: () => ({ query: `{ __typename } # ${'x'.repeat(900_000)}` }),
    code: 'OPERATION_TOO_COMPLEX',
  },
];
