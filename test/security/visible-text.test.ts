import type { GraphQLField, GraphQLObjectType } from 'graphql';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { identityOf, readBootId } from '../../src/runner/launchers/local/identity.ts';
import { InvalidInputError } from '../../src/runner/index.ts';
import type { ProcessIdentity } from '../../src/runner/job/reports.ts';
import { visibleLine, visibleText } from '../../src/runner/job/visible-text.ts';
import { schema } from '../../src/schema/index.ts';
import { visibleResolver } from '../../src/schema/visible-answers.ts';
import { connect, post, serve, type TestServer } from '../server/support.ts';
import { recordRunningJobs } from '../support/fleet-home.ts';
import { temporaryHome } from '../support/home.ts';
import { everyField } from './every-field.ts';
import { filesWith } from './hostile-files.ts';
import { WAYS } from './operations.ts';

/** Texts that a terminal or a page would execute or display as something else. */
const ATTACKS: readonly (readonly [id: string, precedent: string, text: string, visible: string])[] = [
  ['right-to-left-override', 'CVE-2021-42574', 'model\u202etxt.exe', 'model<U+202E>txt.exe'],
  ['isolate', 'CVE-2021-42574', 'a\u2066b\u2069c', 'a<U+2066>b<U+2069>c'],
  ['marks', 'CVE-2021-42574', '\u061ca\u200eb\u200fc', '<U+061C>a<U+200E>b<U+200F>c'],
  ['clear-screen', 'CVE-2003-0063', 'a\u001b[2Jb', 'a␛[2Jb'],
  ['set-title', 'CVE-2003-0063', '\u001b]0;title\u0007', '␛]0;title␇'],
  ['one-byte-sequence', 'CVE-2021-25743', 'a\u009b2Jb\u0085', 'a<U+009B>2Jb<U+0085>'],
  ['set-clipboard', 'OSC 52', '\u001b]52;c;cm0gLXJm\u001b\\', '␛]52;c;cm0gLXJm␛\\'],
  ['overwritten-line', 'CVE-2021-25743', 'rm -rf /\rls', 'rm -rf /␍ls'],
  ['backspace', 'CVE-2021-25743', 'evil\b\b\b\bgood\u007f', 'evil␈␈␈␈good␡'],
  ['null', 'CWE-158', 'a\0b', 'a␀b'],
];

/** Characters that no text of an answer may contain. */
// eslint-disable-next-line no-control-regex -- These are what the test looks for.
const DANGEROUS = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]|\r(?!\n)/;

/** All text in an answer, keys included. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, entry]) => [key, ...textsIn(entry)]);
}

describe('with text from an attacker in everything that a job has', () => {
  const ALL = ATTACKS.map(([, , text]) => text).join(' ');
  const VISIBLE = ATTACKS.map(([, , , visible]) => visible).join(' ');
  const NAMES = ATTACKS.map(([, , text]) => text);
  let server: TestServer;
  let id: string;

  beforeEach(async () => {
    const home = temporaryHome();
    const self = (await identityOf(process.pid, readBootId())) as ProcessIdentity;
    [id = ''] = recordRunningJobs(home, 1, self);
    const values = Object.fromEntries(NAMES.map((name, index) => [name, index]));
    const point = { value: 1, step: 5, at: 1_760_320_884 };
    const files = filesWith(id, {
      status: {
        ...{ message: ALL, host: ALL, device: ALL, metrics: values },
        extremes: Object.fromEntries(NAMES.map((name) => [name, { min: point, max: point }])),
      },
      report: { values },
      log: `2026-11-23T19:22:04.123456Z stdout F ${ALL}`,
    });
    writeFileSync(join(home, 'artifacts/jobs', `${id}.json`), files.status);
    writeFileSync(join(home, 'artifacts/metrics', `${id}.jsonl`), files.metrics);
    writeFileSync(join(home, 'artifacts/logs', `${id}.log`), files.log);
    server = await serve({ runner: { home } });
    await server.runner.update(id, { notes: ALL });
  });

  test('no answer contains a control or bidirectional character', async () => {
    const { data, errors } = (
      await post(server, `query ($id: ID!) { job(id: $id) ${everyField('Job')} }`, { variables: { id } })
    ).json();
    expect(errors).toBeUndefined();
    const texts = textsIn(data);
    expect(texts.filter((text) => DANGEROUS.test(text))).toEqual([]);
    // It is there, so the test looks at what it should: notes, message, and each name of a metric.
    expect(texts.filter((text) => text === VISIBLE).length).toBeGreaterThanOrEqual(2);
    for (const [, , , visible] of ATTACKS) expect(texts).toContain(visible);
  });

  test('nor does an event of a live feed', async () => {
    const fields = everyField('JobProgress');
    const socket = connect(server);
    for (const query of [
      `subscription ($id: ID!) { feed: jobProgress(id: $id) ${fields} }`,
      'subscription ($id: ID!) { feed: jobLog(id: $id) { lines { text } } }',
    ]) {
      const feed = socket.iterate({ query, variables: { id } });
      const texts = textsIn((await feed.next()).value);
      await feed.return?.();
      expect(texts.filter((text) => DANGEROUS.test(text))).toEqual([]);
      expect(texts.join()).toContain('<U+202E>');
    }
    await socket.dispose();
  });

  test('the names of metrics that a client received work in its queries', async () => {
    const { data } = (
      await post(server, 'query ($id: ID!) { job(id: $id) { metrics { name latest { value } } } }', {
        variables: { id },
      })
    ).json();
    const { metrics } = (data as { job: { metrics: { name: string; latest: { value: number } }[] } }).job;
    expect(metrics.map(({ name }) => name)).toEqual(ATTACKS.map(([, , , visible]) => visible));
    for (const { name, latest } of metrics) {
      const again = (
        await post(
          server,
          `query ($id: ID!, $name: String!, $value: Float!) {
            job(id: $id) { metrics(names: [$name]) { latest { value } } }
            jobs(filter: { metrics: [{ name: $name, of: LATEST, gte: $value, lte: $value }] }) { totalCount }
          }`,
          { variables: { id, name, value: latest.value } },
        )
      ).json();
      expect(again.data, name).toEqual({ job: { metrics: [{ latest }] }, jobs: { totalCount: 1 } });
    }
  });
});

test.each(ATTACKS)('%s (%s) becomes visible', (_id, _precedent, text, visible) => {
  expect(visibleText(text)).toBe(visible);
  expect(visibleLine(text)).toBe(visible);
});

test('text with tabs, line ends, accents, emoji and right-to-left scripts stays as it is', () => {
  for (const text of ['a\tb\nc\r\nd', 'é 漢字 🧠 👩‍🔬', 'שלום עולם', 'مرحبا']) expect(visibleText(text)).toBe(text);
  expect(visibleLine('a\tb\nc\r\nd')).toBe('a\tb␊c␍␊d');
});

test.each(ATTACKS)('a job cannot be called %s', async (_id, _precedent, text) => {
  const { runner } = await serve();
  const { id } = await runner.start({ backend: 'SIMULATION' });
  await expect(runner.update(id, { name: text })).rejects.toThrow(InvalidInputError);
  await expect(runner.update(id, { tags: [text] })).rejects.toThrow(InvalidInputError);
});

test('options are returned in their visible form', async () => {
  const server = await serve();
  const missing = ATTACKS.map(([, , text]) => text);
  const { id } = await server.runner.start({ backend: 'SIMULATION', options: { missing } });
  const query = 'query ($id: ID!) { job(id: $id) { a: options b: options } }';
  const { data } = (await post(server, query, { variables: { id } })).json();
  const options = { missing: ATTACKS.map(([, , , visible]) => visible) };
  expect(data).toEqual({ job: { a: options, b: options } });
});

test('keys inside JSON become visible too, and an object without such text is not copied', () => {
  const field = (schema.getType('Job') as GraphQLObjectType).getFields()['options'] as GraphQLField<unknown, unknown>;
  const resolved = (value: unknown) =>
    visibleResolver(Object.assign(Object.create(field), { resolve: () => value }) as typeof field)(
      null,
      {},
      null,
      {} as never,
    );
  expect(resolved({ 'a\u202e': [{ '\u0007': null, b: 1 }] })).toEqual({ 'a<U+202E>': [{ '␇': null, b: 1 }] });
  const plain = { a: [{ b: 'c\n' }, null, 1] };
  expect(resolved(plain)).toBe(plain);
});

test.each(WAYS)('an error over %s quotes a request in its visible form', async (_name, send) => {
  const server = await serve();
  for (const [, , text, visible] of ATTACKS) {
    const query = 'query ($orderBy: JobOrder) { jobs(orderBy: $orderBy) { totalCount } }';
    const [answer] = await send(server, { query, variables: { orderBy: { field: text } } });
    expect(answer?.errors?.length).toBeGreaterThan(0);
    expect(textsIn(answer).filter((part) => DANGEROUS.test(part))).toEqual([]);
    if (visible.includes('<U+202E>')) expect(answer?.errors?.[0]?.message).toContain(visible);
  }
});

test('a dataset with such a name is not listed, and one with such columns is previewed in visible form', async () => {
  const server = await serve();
  writeFileSync(join(server.home, 'datasets', 'safe.csv'), 'x\u202ey,b\u0007b\n1,\u001b[2J\n2,d\n3,e\n');
  writeFileSync(join(server.home, 'datasets', 'model\u202evsc.csv'), 'x,y\n1,2\n');
  const { data, errors } = (
    await post(server, '{ datasets { name columns } dataset(name: "safe.csv") { preview { columns { name } rows } } }')
  ).json();
  expect(errors).toBeUndefined();
  const texts = textsIn(data);
  expect(texts).toContain('safe.csv');
  expect(texts.filter((text) => /model/.test(text))).toEqual([]);
  expect(texts.filter((text) => DANGEROUS.test(text))).toEqual([]);
  expect(texts).toEqual(expect.arrayContaining(['x<U+202E>y', 'b␇b']));
});
