import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { AnswerTooLargeError, createAnswers } from '../../src/resolvers/answer.ts';
import { codesOf, post, serve, type TestServer } from '../server/support.ts';
import { WAYS } from './operations.ts';

const BUDGET = 1_000_000;
const JOBS = 30;
/** About 57 kB, which the options of one job may have. */
const OPTIONS = { missing: Array.from({ length: 100 }, (_, index) => `text ${index} `.padEnd(565, 'x')) };
/** The longest notes, of characters that JSON makes longest. */
const NOTES = { control: '\u0001', quotes: '"', cjk: '漢', emoji: '🧠' };

/** Fields of each job that return much for little. */
const ATTACKS: readonly (readonly [id: string, fields: (count: number) => string])[] = [
  ['options', (count) => aliases(count, 'options')],
  ['options-nested', (count) => `progress { job { ${aliases(count, 'options')} } }`],
  ['notes', (count) => aliases(count, 'notes')],
  ['tags', (count) => aliases(count, 'tags')],
  ['log-same', (count) => aliases(count, 'log(last: 1) { lines { text } }')],
  ['log-different', (count) => aliases(count, (index) => `log(last: ${index + 1}) { lines { text } }`)],
  ['alias-names', (count) => `${'a'.repeat(1000 * count)}: id`],
  ['alias-names-typename', (count) => `${'a'.repeat(1000 * count)}: __typename`],
  ['alias-names-objects', (count) => `${'a'.repeat(1000 * count)}: progress { step }`],
];

function aliases(count: number, field: string | ((index: number) => string)): string {
  return Array.from(
    { length: count },
    (_, index) => `a${index}: ${typeof field === 'string' ? field : field(index)}`,
  ).join(' ');
}

const listing = (fields: string) => `{ jobs(first: ${JOBS}) { edges { node { ${fields} } } } }`;

/** A server with a small budget, whose jobs have long texts everywhere. */
async function serveLongTexts(): Promise<TestServer> {
  // Long names are refused before they get here; what they cost counts all the same.
  const server = await serve({ limits: { answerBytes: BUDGET, nameCharacters: 100_000 }, logLevel: 'silent' });
  const texts = Object.values(NOTES);
  for (let number = 0; number < JOBS; number += 1) {
    const { id } = await server.runner.start({
      backend: 'SIMULATION',
      options: OPTIONS,
      tags: Array.from({ length: 20 }, (_, index) => `${number} ${index} `.padEnd(50, 'x')),
    });
    await server.runner.update(id, { notes: (texts[number % texts.length] ?? '').repeat(5000) });
    writeLog(server, id);
  }
  return server;
}

/** Lines of 600,000 characters, each in parts as a supervisor writes them. */
function writeLog({ home }: TestServer, id: string): void {
  const record = (tag: string) => `2026-11-23T19:22:04.123456Z stdout ${tag} ${'x'.repeat(16_000)}\n`;
  writeFileSync(join(home, 'artifacts/logs', `${id}.log`), `${record('P').repeat(37)}${record('F')}`.repeat(2));
}

test('however much is asked for, an answer stays under the budget or is refused with one error', async () => {
  const server = await serveLongTexts();
  for (const [id, fields] of ATTACKS) {
    const outcomes: string[] = [];
    for (const count of [1, 2, 4, 8, 16, 32, 45]) {
      const { text, json } = await post(server, listing(fields(count)));
      expect(text.length, id).toBeLessThanOrEqual(BUDGET);
      expect(Buffer.byteLength(text), id).toBeLessThanOrEqual(BUDGET);
      const { data, errors } = json();
      if (errors === undefined) {
        outcomes.push('given');
        continue;
      }
      outcomes.push('refused');
      expect(data, id).toBeNull();
      expect(codesOf({ errors }), id).toEqual(['ANSWER_TOO_LARGE']);
      expect(errors[0]?.message).toContain('Request fewer fields');
      expect(errors[0]?.path?.slice(0, 2), id).toEqual(['jobs', 'edges']);
    }
    // Small ones are given, and once one is refused every larger one is.
    expect(outcomes.join(' '), id).toMatch(/^(given )*(refused ?)+$/);
  }
});

describe.each(WAYS)('over %s', (_way, send) => {
  test('an answer that is too large is one error without data', async () => {
    const server = await serveLongTexts();
    const answers = await send(server, { query: listing('options') });
    expect(answers).toHaveLength(1);
    expect(answers[0]?.data).toBeNull();
    expect(codesOf(answers[0] ?? {})).toEqual(['ANSWER_TOO_LARGE']);
    // The next one is not charged for it.
    expect((await send(server, { query: listing('id') }))[0]?.errors).toBeUndefined();
  });

  test('a mutation whose answer is too large reports that its changes are kept', async () => {
    const server = await serve({ limits: { answerBytes: 60 } });
    const query =
      'mutation { startTraining(input: { name: "kept", backend: SIMULATION }) { ... on StartTrainingSuccess { job { id name tags } } } }';
    const [answer] = await send(server, { query });
    expect(codesOf(answer ?? {})).toEqual(['ANSWER_TOO_LARGE']);
    expect(answer?.errors?.[0]?.message).toContain('The changes of this mutation were made.');
    expect(server.runner.list({ limit: 1 }).map(({ request }) => request.name)).toEqual(['kept']);
  });
});

describe.each(WAYS.slice(1))('over %s', (_way, send) => {
  test('a subscription ends with its first event that is too large', async () => {
    const server = await serveLongTexts();
    const id = server.runner.list({ limit: 1 })[0]?.id ?? '';
    const query = `subscription { jobProgress(id: "${id}") { job { ${aliases(40, 'options')} } } }`;
    const answers = await send(server, { query });
    expect(answers.map(codesOf)).toEqual([['ANSWER_TOO_LARGE']]);
    expect(answers[0]?.errors?.[0]?.message).toContain('This subscription ends here.');
    expect(server.runner.watching).toBe(0);
  });

  test('each event of a subscription has the whole budget', async () => {
    const server = await serveLongTexts();
    const id = server.runner.list({ limit: 1 })[0]?.id ?? '';
    const query = `subscription { jobProgress(id: "${id}") { status job { ${aliases(12, 'options')} } } }`;
    const answers = send(server, { query });
    await expect.poll(() => server.runner.watching).toBe(1);
    await server.runner.stop(id);
    const given = await answers;
    expect(given.flatMap(codesOf)).toEqual([]);
    expect(given.map((answer) => (answer.data?.['jobProgress'] as { status: string }).status)).toEqual([
      'QUEUED',
      'STOPPED',
    ]);
  });
});

test('answers that are executed at the same time are bounded together, and a finished one frees its bytes', async () => {
  const server = await serve({ limits: { answerBytes: BUDGET, executingBytes: 1000 } });
  const id = (await server.runner.start({ backend: 'SIMULATION', name: 'x'.repeat(80) })).id;
  const query = `{ job(id: "${id}") { ${aliases(20, 'name')} } }`;
  expect(codesOf((await post(server, query)).json())).toEqual(['SERVER_BUSY']);
  for (let number = 0; number < 20; number += 1) {
    expect((await post(server, `{ job(id: "${id}") { name } }`)).json().errors).toBeUndefined();
  }
});

test('a long log line is cut in answers, with its original length', async () => {
  const server = await serve();
  const { id } = await server.runner.start({ backend: 'SIMULATION' });
  writeLog(server, id);
  const { data } = (await post(server, `{ job(id: "${id}") { log { lines { text } } } }`)).json();
  const { lines } = (data?.['job'] as { log: { lines: { text: string }[] } }).log;
  expect(lines).toHaveLength(2);
  for (const { text } of lines) expect(text).toBe(`${'x'.repeat(65_536)} [line cut: 608000 characters]`);
});

test('expensive reads of one answer run once per key, one at a time, and not after it was aborted', async () => {
  const answer = createAnswers({ answerBytes: 10, executingBytes: 10 })();
  const began: string[] = [];
  let underWay = 0;
  const read = (key: string) =>
    answer.share(key, async () => {
      began.push(key);
      underWay += 1;
      expect(underWay).toBe(1);
      await new Promise((resolve) => setImmediate(resolve));
      underWay -= 1;
      return key;
    });
  expect(await Promise.all([read('a'), read('b'), read('a')])).toEqual(['a', 'b', 'a']);
  const late = Promise.allSettled([read('c'), read('d')]);
  expect(() => answer.charge(11, { key: 'log', prev: undefined })).toThrow(AnswerTooLargeError);
  expect((await late).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(began).toEqual(['a', 'b']);
});
