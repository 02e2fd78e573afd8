import type { Job } from './job.ts';
import type { JobFilter, MetricCondition } from './runner.ts';

/** Whether a job meets every condition of `filter`; every job meets none. */
export function matches(job: Job, filter: JobFilter | null | undefined): boolean {
  if (!filter) return true;
  const { id, state, request, createdAt } = job;
  const finishedAt = 'finishedAt' in state ? state.finishedAt : null;
  const { ids, status, tags, allTags, trainer, dataset, name, text, metrics } = filter;
  const { createdAfter, createdBefore, endedAfter, endedBefore } = filter;
  return (
    (ids == null || ids.includes(id)) &&
    (status == null || status.includes(state.status)) &&
    (trainer == null || request.trainer === trainer) &&
    (dataset == null || request.dataset === dataset) &&
    (createdAfter == null || createdAt > createdAfter) &&
    (createdBefore == null || createdAt < createdBefore) &&
    (endedAfter == null || (finishedAt !== null && finishedAt > endedAfter)) &&
    (endedBefore == null || (finishedAt !== null && finishedAt < endedBefore)) &&
    (tags == null || tags.some((tag) => request.tags.includes(tag))) &&
    (allTags == null || allTags.every((tag) => request.tags.includes(tag))) &&
    (name == null || includes(request.name, name)) &&
    (text == null || textsOf(job).some((part) => includes(part, text))) &&
    (metrics == null || metrics.every((condition) => meets(job, condition)))
  );
}

function textsOf({ id, request, notes }: Job): readonly (string | null)[] {
  return [id, request.name, request.dataset, notes, ...request.tags];
}

/** Upper and lower case alike. */
function includes(text: string | null, part: string): boolean {
  return text !== null && text.toLowerCase().includes(part.toLowerCase());
}

/** A job that never reported the metric meets no condition on it. */
function meets(job: Job, { name, of, lt, lte, gt, gte }: MetricCondition): boolean {
  const value = of === 'LATEST' ? job.progress.metrics[name] : job.best[name]?.value;
  return (
    value != null &&
    (lt == null || value < lt) &&
    (lte == null || value <= lte) &&
    (gt == null || value > gt) &&
    (gte == null || value >= gte)
  );
}
