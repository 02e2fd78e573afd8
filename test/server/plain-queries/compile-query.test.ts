import fc from 'fast-check';
import { type DocumentNode, execute, getOperationAST, getVariableValues, parse, validate } from 'graphql';
import { expect, test } from 'vitest';
import type { Context } from '../../../src/resolvers/context.ts';
import type { Runner } from '../../../src/runner/index.ts';
import { schema } from '../../../src/schema/index.ts';
import { compileQuery } from '../../../src/server/plain-queries/compile-query.ts';
import { temporaryHome } from '../../support/home.ts';
import { startRunner } from '../../support/runner.ts';
import { selectionOf } from '../random-selections.ts';
import { queueJob } from '../support.ts';

const contextOf = (runner: Runner, role: Context['caller']['role'] = 'admin'): Context => ({
  runner,
  caller: { user: 'someone', role, address: '127.0.0.1', requestId: 'r' },
});

/** The data of a query as JSON; why there is none otherwise: it is not compiled, or the compiled query gave up. */
function runCompiled(document: DocumentNode, variables: Record<string, unknown>, context: Context): string {
  const query = compileQuery(schema, document, null);
  if (!query) return 'not compiled';
  const definitions = getOperationAST(document)?.variableDefinitions ?? [];
  const { variableValues } = getVariableValues(schema, definitions, variables);
  if (!variableValues) throw new Error('The variables are wrong.');
  try {
    return JSON.stringify(query({ ...context }, variableValues));
  } catch {
    return 'given up';
  }
}

/** The data of a query by graphql-js as JSON; why there is none otherwise. */
function runPlain(document: DocumentNode, variableValues: Record<string, unknown>, context: Context): string {
  const result = execute({ schema, document, variableValues, contextValue: { ...context } });
  if (result instanceof Promise) {
    result.catch(() => undefined);
    return 'takes time';
  }
  return result.errors ? 'has errors' : JSON.stringify(result.data);
}

async function someJobs(): Promise<{ readonly runner: Runner; readonly id: string }> {
  const runner = await startRunner(temporaryHome(), { maxRunning: 0 });
  const { id } = await queueJob(runner, 'naïve "漢字"');
  await runner.update(id, { notes: 'Some\nnotes\u202e', tags: ['a', 'b'] });
  await queueJob(runner);
  return { runner, id };
}

test('a compiled query returns the same data as graphql-js, or nothing', async () => {
  const { runner, id } = await someJobs();
  const uses = 'uses: __typename';
  const queries = fc.oneof(
    selectionOf('Job', 2).map((fields) => `{ job(id: $id) ${fields} }`),
    selectionOf('Job', 2).map(
      (fields) => `{ one: job(id: $id) ${fields} ...F } fragment F on Query { job(id: $id) ${fields} }`,
    ),
    selectionOf('Query', 3).map((fields) => `{ job(id: $id) { id } ...on Query ${fields} }`),
  );
  let compared = 0;
  fc.assert(
    fc.property(queries, fc.boolean(), fc.constantFrom('viewer', 'admin'), (text, conditions, role) => {
      const source = conditions
        ? `query ($id: ID!, $on: Boolean!) ${text.replace('{', `{ ${uses} @include(if: $on)`)}`
        : `query ($id: ID!) ${text.replaceAll(/@\w+\(if: \$on\)/g, '')}`;
      const document = parse(source);
      fc.pre(validate(schema, document).length === 0);
      const variables = { id, on: true };
      const context = contextOf(runner, role);
      const before = runPlain(document, variables, context);
      const data = runCompiled(document, variables, context);
      const plain = [before, runPlain(document, variables, context)];
      // On a busy machine, a resolver can divide its work into slices.
      if (data === 'not compiled' || data === 'given up' || plain.includes('takes time')) return;
      compared += 1;
      // Numbers that change with time are those of the execution before, or of the one after.
      expect(plain, source).toContain(data);
    }),
    { numRuns: 400 },
  );
  expect(compared).toBeGreaterThan(50);
});

test('a query is compiled if its fields are there at once', async () => {
  const { runner, id } = await someJobs();
  for (const source of [
    // Fields.
    'query ($id: ID!) { job(id: $id) { id status tags progress { percent } } }',
    // Fragments.
    'query ($id: ID!) { job(id: $id) { ...F ...F ...on Node { id } ...on Job { name } } } fragment F on Job { id tags }',
    // The same field twice.
    'query ($id: ID!) { job(id: $id) { progress { step } name progress { percent step } } }',
    // A name of another field.
    'query ($id: ID!) { job(id: $id) { name: id id: name } }',
    // Arguments.
    'query ($id: ID!, $names: [String!]) { job(id: $id) { best(names: $names) { name } all: best { name } } }',
    // An unknown id.
    'query ($id: ID!) { job(id: $id) { id } unknown: job(id: "job_1_00000000") { id } }',
    // A list of objects.
    '{ __schema { types { name fields { name args { name } } } } }',
  ]) {
    const document = parse(source);
    expect(validate(schema, document)).toEqual([]);
    const data = runCompiled(document, { id }, contextOf(runner));
    expect(data).toBe(runPlain(document, { id }, contextOf(runner)));
    expect(data).toMatch(/^\{"/);
  }
});

test.each([
  ['a condition', 'query ($id: ID!) { job(id: $id) { id name @skip(if: false) } }'],
  ['an abstract type', 'query ($id: ID!) { node(id: $id) { id } }'],
  ['a name that objects have', 'query ($id: ID!) { __proto__: job(id: $id) { id } }'],
  [
    'many fields',
    `query ($id: ID!) { job(id: $id) { ${Array.from({ length: 200 }, (_, i) => `a${i}: id`).join(' ')} } }`,
  ],
])('a query with %s is left to graphql-js', (_what, source) => {
  const document = parse(source);
  expect(validate(schema, document)).toEqual([]);
  expect(compileQuery(schema, document, null)).toBeNull();
});

test('a compiled query gives up if a field takes time, is refused, or has a wrong argument', async () => {
  const { runner, id } = await someJobs();
  for (const [source, role] of [
    ['query ($id: ID!) { job(id: $id) { metrics { name } } }', 'admin'],
    ['{ auditLog { edges { cursor } } }', 'viewer'],
    ['{ jobs(first: 1000000) { edges { cursor } } }', 'admin'],
  ] as const) {
    expect(runCompiled(parse(source), { id }, contextOf(runner, role))).toBe('given up');
  }
});
