import { InvalidInputError } from '../job/errors.ts';
import type { Job } from '../job/types.ts';
import type { JobFilter, MetricCondition, ScoreCondition } from './job-query.ts';

const MAX_IDS = 10_000;
const MAX_WORDS = 100;
const MAX_CONDITIONS = 20;
const MAX_TEXT = 500;

/**
 * A function that tests whether a job meets every condition of `filter`; without conditions, every job does. Values that are the same for
 * all jobs are computed once, because lists call the function for every job.
 */
export function matcherOf(filter: JobFilter | null | undefined): (job: Job) => boolean {
  if (!filter) return () => true;
  const { trainer, dataset, group, tags, allTags, metrics, score } = filter;
  const { createdAfter, createdBefore, endedAfter, endedBefore } = filter;
  const ids = filter.ids && new Set(filter.ids);
  const status = filter.status && new Set(filter.status);
  const name = filter.name?.toLowerCase();
  const text = filter.text?.toLowerCase();
  return (job) => {
    const { id, state, request, createdAt } = job;
    const finishedAt = 'finishedAt' in state ? state.finishedAt : null;
    return (
      (ids == null || ids.has(id)) &&
      (status == null || status.has(state.status)) &&
      (trainer == null || request.trainer === trainer) &&
      (dataset == null || request.dataset === dataset) &&
      (group == null || request.group === group) &&
      (createdAfter == null || createdAt > createdAfter) &&
      (createdBefore == null || createdAt < createdBefore) &&
      (endedAfter == null || (finishedAt !== null && finishedAt > endedAfter)) &&
      (endedBefore == null || (finishedAt !== null && finishedAt < endedBefore)) &&
      (tags == null || tags.some((tag) => request.tags.includes(tag))) &&
      (allTags == null || allTags.every((tag) => request.tags.includes(tag))) &&
      (name === undefined || holds(request.name, name)) &&
      (text === undefined || searchableTexts(job).some((part) => holds(part, text))) &&
      (metrics == null || metrics.every((condition) => meets(job, condition))) &&
      (score == null || scoreMeets(job, score))
    );
  };
}

/**
 * Limits the cost of a filter.
 * @param path the path of the filter in the arguments
 * @throws InvalidInputError
 */
export function checkFilter(filter: JobFilter | null | undefined, path: readonly string[]): void {
  if (!filter) return;
  for (const [field, most] of [
    ['ids', MAX_IDS],
    ['tags', MAX_WORDS],
    ['allTags', MAX_WORDS],
    ['metrics', MAX_CONDITIONS],
  ] as const) {
    if ((filter[field]?.length ?? 0) > most) {
      throw new InvalidInputError(`${field} must have at most ${most} entries.`, [...path, field]);
    }
  }
  for (const field of ['name', 'text'] as const) {
    if ((filter[field]?.length ?? 0) > MAX_TEXT) {
      throw new InvalidInputError(`${field} must have at most ${MAX_TEXT} characters.`, [...path, field]);
    }
  }
}

/**
 * Keeps a filter from deleting everything by accident: at least one condition must not be empty. Null, an empty list and blank text are
 * empty, even if they would match no job: a form that was not filled in sends them.
 * @throws InvalidInputError, also for the reasons of {@link checkFilter}
 */
export function checkDeletionFilter(filter: JobFilter, path: readonly string[]): void {
  if (Object.values(filter).every(isEmpty)) {
    const message =
      'Give at least one condition that is not empty, for example a status. Nothing was deleted. To delete all ended jobs, list their statuses.';
    throw new InvalidInputError(message, path);
  }
  checkFilter(filter, path);
}

function isEmpty(condition: JobFilter[keyof JobFilter]): boolean {
  if (typeof condition === 'string') return condition.trim() === '';
  if (condition == null || Array.isArray(condition)) return condition == null || condition.length === 0;
  return typeof condition === 'object' && Object.values(condition).every((value) => value == null);
}

/** The texts that the condition `text` searches. */
export function searchableTexts({ id, request, notes }: Job): readonly (string | null)[] {
  return [id, request.name, request.dataset, notes, ...request.tags];
}

function holds(text: string | null, part: string): boolean {
  return text !== null && text.toLowerCase().includes(part);
}

/** A job that never reported the metric meets no condition on it. */
function meets(job: Job, condition: MetricCondition): boolean {
  const { name, of } = condition;
  const value = of === 'LATEST' ? job.progress.metrics[name] : job.best[name]?.value;
  return typeof value === 'number' && isWithin(value, condition);
}

/** A job without a score meets no condition on it. */
function scoreMeets({ score }: Job, condition: ScoreCondition): boolean {
  const { name, part } = condition;
  return (
    score !== null &&
    (name == null || score.name === name) &&
    (part == null || part.includes(score.part)) &&
    isWithin(score.value, condition)
  );
}

function isWithin(value: number, { lt, lte, gt, gte }: Pick<MetricCondition, 'lt' | 'lte' | 'gt' | 'gte'>): boolean {
  return (
    (lt == null || value < lt) &&
    (lte == null || value <= lte) &&
    (gt == null || value > gt) &&
    (gte == null || value >= gte)
  );
}
