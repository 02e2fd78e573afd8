import type { Api } from '../api/create-api.ts';
import { ApiError } from '../api/errors.ts';
import { findJobId } from '../api/job-reference.ts';
import { FIND_TEMPLATE } from '../api/operations/training.ts';
import type { JobTemplateFragment, StartTrainingInput } from '../graphql/graphql.ts';

/**
 * Reads everything that a start needs for another job like this one.
 * @throws ApiError when there is no such job
 */
export async function findTemplate(api: Api, reference: string): Promise<JobTemplateFragment> {
  const id = await findJobId(api, reference);
  const { job } = await api.request(FIND_TEMPLATE, { id });
  if (job) return job;
  throw new ApiError(`There is no job ${id}. \`trainyard jobs\` lists all jobs.`, 'JobNotFoundError');
}

/** The input that starts a job again, except for what the user has given. A given option replaces the one of the same name. */
export function likeJob(template: JobTemplateFragment, given: StartTrainingInput): StartTrainingInput {
  return {
    ...template,
    ...given,
    options: { ...(template.options as object), ...(given.options as object | undefined) },
  };
}
