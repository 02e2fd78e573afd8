import { expect, test } from 'vitest';
import { editJob, type JobEdit } from '../../../src/runner/job/edit-job.ts';
import { InvalidInputError } from '../../../src/runner/job/errors.ts';
import { checkLabels, type Labels } from '../../../src/runner/job/labels.ts';
import { aJob } from './a-job.ts';

const job = aJob({ notes: 'old', request: { name: 'first', tags: ['a'] } });

test.each<[JobEdit, object]>([
  [{}, { notes: 'old', request: { name: 'first', tags: ['a'] } }],
  [
    { name: null, tags: null, notes: null },
    { notes: 'old', request: { name: null, tags: ['a'] } },
  ],
  [{ name: 'second' }, { notes: 'old', request: { name: 'second', tags: ['a'] } }],
  [{ tags: ['b', 'c', 'b'] }, { request: { name: 'first', tags: ['b', 'c'] } }],
  [{ tags: [] }, { request: { tags: [] } }],
  [{ notes: '' }, { notes: '' }],
  [{ notes: 'x'.repeat(10_000) }, { notes: 'x'.repeat(10_000) }],
])('edit %#: what is left out stays as it is', (edit, expected) => {
  expect(editJob(job, edit)).toMatchObject({ ...expected, id: job.id, progress: job.progress });
});

const path = (work: () => unknown): readonly string[] => {
  try {
    work();
  } catch (error) {
    if (error instanceof InvalidInputError && error.message.length > 10) return error.inputPath;
    throw error;
  }
  return [];
};

test('an edit of too much text is refused', () => {
  expect(path(() => editJob(job, { notes: 'x'.repeat(10_001) }))).toEqual(['input', 'notes']);
  expect(path(() => editJob(job, { name: '' }))).toEqual(['input', 'name']);
  expect(path(() => editJob(job, { tags: [''] }))).toEqual(['input', 'tags', '0']);
});

test.each<[Labels, string]>([
  [{}, ''],
  [{ name: null, tags: null, idempotencyKey: null }, ''],
  [{ name: 'x'.repeat(200), tags: Array<string>(20).fill('x'.repeat(64)), idempotencyKey: 'x'.repeat(255) }, ''],
  [{ name: 'x'.repeat(201) }, 'input.name'],
  [{ name: ' \u00a0' }, 'input.name'],
  [{ name: 'two\nlines' }, 'input.name'],
  [{ name: 'a\u0085b' }, 'input.name'],
  [{ tags: Array<string>(21).fill('x') }, 'input.tags'],
  [{ tags: ['ok', 'x'.repeat(65)] }, 'input.tags.1'],
  [{ tags: ['tab\t'] }, 'input.tags.0'],
  [{ idempotencyKey: '' }, 'input.idempotencyKey'],
  [{ idempotencyKey: 'x'.repeat(256) }, 'input.idempotencyKey'],
])('labels %#: texts are short and on one line', (labels, refused) => {
  expect(path(() => checkLabels(labels)).join('.')).toBe(refused);
});
