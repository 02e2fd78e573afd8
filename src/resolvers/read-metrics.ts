import { InvalidInputError } from '../runner/index.ts';
import type { Job } from '../runner/index.ts';
import type { MetricQuery, MetricSeries } from '../runner/index.ts';
import type { Context } from './context.ts';
import { MAX_POINTS } from './metric-points.ts';

/**
 * Reads the metric history of a job. Series with more points than an answer may hold contain only their summary.
 * @throws InvalidInputError if `maxPoints` is less than 1
 */
export async function readMetrics({ runner }: Context, job: Job, query: MetricQuery): Promise<readonly MetricSeries[]> {
  if (query.maxPoints != null && query.maxPoints < 1) {
    throw new InvalidInputError(`maxPoints must be at least 1; it was ${query.maxPoints}.`, ['maxPoints']);
  }
  return runner.metrics(job.id, { ...query, limit: MAX_POINTS });
}
