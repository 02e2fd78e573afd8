import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createJobIndex, type JobIndex } from '../../../src/runner/store/job-index.ts';
import { matcherOf } from '../../../src/runner/store/job-filter.ts';
import { comparePlaces, JOB_ORDER_FIELDS, NEWEST_FIRST, placeOf } from '../../../src/runner/store/job-order.ts';
import type { JobFilter, JobQuery } from '../../../src/runner/store/job-query.ts';
import { JOB_STATUSES } from '../../../src/runner/job/status.ts';
import type { Job, JobState } from '../../../src/runner/job/types.ts';
import { aJob } from '../job/a-job.ts';

/** The definition of a page, by a linear search. */
function pageByDefinition(jobs: ReadonlyMap<string, Job>, query: JobQuery): Job[] {
  const { filter, orderBy: by = NEWEST_FIRST, after, before, limit, fromEnd } = query;
  const range = [...jobs.values()]
    .filter(matcherOf(filter))
    .filter((job) => !after || comparePlaces(placeOf(job, by), after, by.direction) > 0)
    .filter((job) => !before || comparePlaces(placeOf(job, by), before, by.direction) < 0)
    .sort((a, b) => comparePlaces(placeOf(a, by), placeOf(b, by), by.direction));
  return fromEnd ? range.slice(-limit) : range.slice(0, limit);
}

const word = fc.constantFrom('ab', 'abc', 'aBd', 'İx', 'ß', 'ΑΣ', 'x😀y', '\ud83d', 'run 1', 'run 12', '', 'job_');
const text = fc.array(word, { maxLength: 3 }).map((words) => words.join(' '));
const metric = fc.constantFrom('val_loss', 'accuracy', 'constructor');
const number = fc.constantFrom(-1, 0, 0.5, 1, 2, 1e9);
const id = fc.integer({ min: 0, max: 30 }).map((index) => `job_${index}_ab`);
const optional = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined, freq: 2 });

const state: fc.Arbitrary<JobState> = fc.oneof(
  fc.constant({ status: 'QUEUED' as const }),
  fc.constant({ status: 'RUNNING' as const, startedAt: 5 }),
  fc.record({
    status: fc.constantFrom('COMPLETED' as const, 'STOPPED' as const),
    startedAt: fc.constant(5),
    finishedAt: number,
  }),
);
const best = fc.dictionary(
  metric,
  number.map((value) => ({ value, step: 1, at: 0 })),
);
const score = fc.record({ name: metric, value: number, goal: fc.constantFrom('MIN' as const, 'MAX' as const) });
const job = fc
  .record({
    id,
    state,
    best,
    notes: text,
    name: fc.option(text),
    tags: fc.array(word, { maxLength: 3 }),
    percent: number,
    score: fc.option(score),
  })
  .map(({ id, state, best, notes, name, tags, percent, score }) => {
    const plain = aJob();
    return aJob({
      id,
      createdAt: id.length,
      state,
      best,
      notes,
      progress: { ...plain.progress, percent },
      score: score && { ...score, baseline: null, part: 'TEST', epoch: null, step: null, rows: null, unit: null },
      request: { name, tags, dataset: name },
    });
  });

/** Most conditions are missing, so that something is found. */
const filter: fc.Arbitrary<JobFilter> = fc.record(
  {
    ids: fc.array(id),
    status: fc.array(fc.constantFrom(...JOB_STATUSES), { maxLength: 5 }),
    tags: fc.array(word, { maxLength: 2 }),
    allTags: fc.array(word, { maxLength: 2 }),
    trainer: fc.constantFrom('tabular', 'other'),
    dataset: text,
    name: word,
    text: word,
    endedAfter: number,
    metrics: fc.array(fc.record({ name: metric, gt: number }), { maxLength: 1 }),
  },
  { requiredKeys: [] },
);
const query = fc
  .record({
    filter: fc.option(
      fc.oneof(filter, fc.record({ text: word }), fc.record({ status: fc.constant(['COMPLETED' as const]) })),
    ),
    field: fc.constantFrom(...JOB_ORDER_FIELDS),
    direction: fc.constantFrom('ASC' as const, 'DESC' as const),
    metric,
    from: optional(job),
    to: optional(job),
    limit: fc.integer({ min: 1, max: 12 }),
    fromEnd: fc.boolean(),
  })
  .map(({ filter, field, direction, metric, from, to, limit, fromEnd }): JobQuery => {
    const orderBy = { field, direction, metric: field === 'METRIC' ? metric : null };
    const [after, before] = [from, to].map((place) => place && placeOf(place, orderBy));
    return { filter, orderBy, after, before, limit, fromEnd };
  });
const step = fc.oneof(
  { weight: 4, arbitrary: job.map((set) => ({ set })) },
  { weight: 1, arbitrary: id.map((drop) => ({ drop })) },
  { weight: 2, arbitrary: fc.record({ noteOn: id, notes: text }) },
  { weight: 2, arbitrary: fc.record({ scoreOf: id, best }) },
  { weight: 5, arbitrary: query.map((ask) => ({ ask })) },
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

function apply(change: Step, index: JobIndex, model: Map<string, Job>): void {
  if ('set' in change) {
    index.set(change.set);
    model.set(change.set.id, change.set);
  } else if ('drop' in change) {
    index.delete(change.drop);
    model.delete(change.drop);
  } else if ('noteOn' in change) {
    const before = model.get(change.noteOn);
    if (before) apply({ set: { ...before, notes: change.notes } }, index, model);
  } else if ('scoreOf' in change) {
    const before = model.get(change.scoreOf);
    if (before) apply({ set: { ...before, best: change.best } }, index, model);
  } else {
    const { ask } = change;
    expect(index.page(ask).map(({ id }) => id)).toEqual(pageByDefinition(model, ask).map(({ id }) => id));
    const matching = [...model.values()].filter(matcherOf(ask.filter));
    expect(index.count(ask.filter)).toBe(matching.length);
    expect(index.counts(ask.filter).COMPLETED).toBe(
      matching.filter(({ state }) => state.status === 'COMPLETED').length,
    );
    expect(new Set(index.select(ask.filter ?? {}))).toEqual(new Set(matching));
  }
}

/** Loads jobs; some of them are only read later from a record that shows no later changes. */
function load(index: JobIndex, jobs: readonly Job[], isUnread: (job: Job, position: number) => boolean): void {
  const recorded = new Map(jobs.map((job) => [job.id, job]));
  const unread = jobs.filter(isUnread);
  index.load(
    jobs.filter((job) => !unread.includes(job)),
    unread.map(({ id, createdAt, startedBy, state }) => ({ id, createdAt, startedBy, status: state.status })),
    {
      read: (id) => recorded.get(id) ?? expect.fail(),
      readAfter: (id, limit) =>
        [...jobs]
          .filter((job) => job.id > id)
          .sort((a, b) => (a.id < b.id ? -1 : 1))
          .slice(0, limit),
    },
  );
}

const loaded = fc.uniqueArray(job, { maxLength: 30, size: 'max', selector: ({ id }) => id });

test('pages, counts and selections are those of the definition, whatever changes between them', async () => {
  const property = fc.asyncProperty(
    loaded,
    fc.array(step, { maxLength: 30, size: 'max' }),
    fc.array(step, { maxLength: 60, size: 'max' }),
    async (jobs, whileIndexing, afterwards) => {
      const index = createJobIndex({ few: 3 });
      const model = new Map(jobs.map((job) => [job.id, job]));
      load(index, jobs, ({ state }) => state.status === 'COMPLETED');
      for (const [number, change] of whileIndexing.entries()) {
        if (number % 3 === 0) await new Promise((resolve) => setImmediate(resolve));
        apply(change, index, model);
      }
      await index.indexed;
      for (const change of afterwards) apply(change, index, model);
    },
  );
  await fc.assert(property, { numRuns: 120 });
});

test('an index of many jobs is that of the definition too', async () => {
  const model = new Map<string, Job>();
  for (let number = 0; number < 5000; number += 1) {
    const value = (number * 7919) % 3000;
    const one = aJob({
      id: `job_${number}`,
      createdAt: number >> 2,
      state: number % 50 === 0 ? { status: 'QUEUED' } : { status: 'STOPPED', startedAt: 1, finishedAt: value },
      best: number % 3 === 0 ? {} : { val_loss: { value, step: 1, at: 0 } },
      request: { name: number % 5 === 0 ? null : `run ${value}`, tags: [`tag ${number % 7}`] },
    });
    model.set(one.id, one);
  }
  const index = createJobIndex();
  load(index, [...model.values()], (_job, position) => position % 4 > 0);
  const drop = (every: number) => {
    for (const id of [...model.keys()].filter((_, position) => position % every === 0)) {
      apply({ drop: id }, index, model);
    }
  };
  await new Promise((resolve) => setImmediate(resolve));
  drop(11);
  await index.indexed;
  drop(13);
  for (const field of JOB_ORDER_FIELDS) {
    for (const direction of ['ASC', 'DESC'] as const) {
      for (const filter of [null, { text: 'run 7' }, { tags: ['tag 3', 'tag 4'] }]) {
        const orderBy = { field, direction, metric: field === 'METRIC' ? 'val_loss' : null };
        let after = null;
        for (let pages = 0; pages < 3; pages += 1) {
          const ask: JobQuery = { filter, orderBy, after, limit: pages === 1 ? 2500 : 40, fromEnd: pages === 2 };
          apply({ ask }, index, model);
          const last = index.page(ask).at(-1);
          after = last ? placeOf(last, orderBy) : null;
        }
      }
    }
  }
});
