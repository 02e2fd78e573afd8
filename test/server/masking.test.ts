import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { GraphQLError } from 'graphql';
import { expect, test } from 'vitest';
import { JobNotFoundError } from '../../src/runner/index.ts';
import { createErrorReport } from '../../src/server/error-report.ts';
import { codesOf, connect, overSse, overWebSocket, post, queueJob, serve } from './support.ts';

test('a bug is masked on every path, and logged in full', async () => {
  const server = await serve();
  const { id } = await queueJob(server.runner);
  // A folder in place of the metrics file causes an unexpected error.
  mkdirSync(join(server.home, 'artifacts', 'metrics', `${id}.jsonl`));
  const query = `{ job(id: "${id}") { metrics { name } } }`;
  for (const answer of [
    (await post(server, query)).json(),
    (await overSse(server, query))[0],
    (await overWebSocket(connect(server), query))[0],
  ]) {
    expect(codesOf(answer ?? {})).toEqual(['INTERNAL_SERVER_ERROR']);
    expect(answer?.errors?.[0]?.path).toEqual(['job', 'metrics']);
    expect(JSON.stringify(answer)).not.toMatch(/EISDIR|artifacts|stack/);
  }
  const logged = server.log.filter(({ msg }) => msg === 'unexpected error');
  expect(logged).toHaveLength(3);
  expect(JSON.stringify(logged)).toContain('EISDIR');
});

test.skipIf(process.platform !== 'linux').each([
  ['a file', () => writeFileSync('/dev/full', 'x')],
  ['the database', fillDatabase],
])('a disk that is too full for %s is reported, because the user can free space, and logged', (_what, write) => {
  const logged: unknown[] = [];
  const shown = createErrorReport({ logger: { error: (...line: unknown[]) => logged.push(line) } })(thrownBy(write));
  expect(shown.extensions['code']).toBe('DISK_FULL');
  expect(shown.message).toMatch(/disk of the server is full/);
  expect(logged).toHaveLength(1);
});

function fillDatabase(): void {
  using database = new DatabaseSync(':memory:');
  database.exec('PRAGMA max_page_count = 1; CREATE TABLE one (a); CREATE TABLE two (b);');
}

function thrownBy(work: () => void): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
}

test('the internal data of an expected error is not sent', () => {
  const report = createErrorReport({ logger: { error: () => {} } });
  const cause = new JobNotFoundError('job_1_00000000');
  const shown = report(new GraphQLError(cause.message, { cause, path: ['job'] }));
  expect(shown.toJSON()).toEqual({ message: cause.message, path: ['job'], extensions: { code: 'JOB_NOT_FOUND' } });
});

test.each([
  new Error('secret'),
  'secret',
  undefined,
  { secret: 1 },
  new GraphQLError('secret', { cause: new Error('x') }),
])('any thrown value (%j) is masked', (thrown) => {
  const shown = createErrorReport({ logger: { error: () => {} } })(thrown);
  expect(JSON.stringify(shown)).not.toContain('secret');
  expect(shown.extensions['code']).toBe('INTERNAL_SERVER_ERROR');
});
