import type { Api } from '../api/create-api.ts';
import { ApiError } from '../api/errors.ts';
import { findJobId, JOB_REFERENCE } from '../api/job-reference.ts';
import { FIND_MODELS } from '../api/operations/predictions.ts';

/** Describes the argument that {@link findModelOf} takes. */
export const MODEL_REFERENCE = JOB_REFERENCE.replace('newest job', 'newest job with the trainer tabular');

/** The id of a job with a model; `@last` is the newest job whose model can predict, because a prediction is a job too. */
export async function findModelOf(api: Api, reference: string): Promise<string> {
  if (reference !== '@last') return findJobId(api, reference);
  const { jobs } = await api.request(FIND_MODELS, {});
  const [newest] = jobs.edges;
  if (newest === undefined) {
    throw new ApiError('No job with the trainer tabular has ended yet. `trainyard start` starts one.', null);
  }
  return newest.node.id;
}
