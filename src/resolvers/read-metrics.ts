import { InvalidInputError } from '../runner/index.ts';
import type { Job } from '../runner/index.ts';
import type { MetricQuery, MetricSeries } from '../runner/index.ts';
import type { Context } from './context.ts';
import { MAX_POINTS } from './metric-points.ts';

/**
 * The history of a job's metrics. Of more points than an answer may hold there is only the summary.
 * @throws InvalidInputError when `maxPoints` is not positive
 */
export async function readMetrics({ runner }: Context, job: Job, query: MetricQuery): Promise<readonly MetricSeries[]> {
  if (query.maxPoints != null && query.maxPoints < 1) {
    throw new InvalidInputError(`maxPoints must be at least 1, and is ${query.maxPoints}.`, ['maxPoints']);
  }
  return runner.metrics(job.id, { ...query, limit: MAX_POINTS });
}
