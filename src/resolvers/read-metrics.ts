import { InvalidInputError } from '../runner/index.ts';
import type { Job } from '../runner/index.ts';
import type { MetricQuery, MetricSeries } from '../runner/index.ts';
import type { Context } from './context.ts';

/**
 * The history of a job's metrics.
 * @throws InvalidInputError when `maxPoints` is not positive
 */
export async function readMetrics({ runner }: Context, job: Job, query: MetricQuery): Promise<readonly MetricSeries[]> {
  if (query.maxPoints != null && query.maxPoints < 1) {
    throw new InvalidInputError(`maxPoints must be at least 1, and is ${query.maxPoints}.`, ['maxPoints']);
  }
  return runner.metrics(job.id, query);
}
