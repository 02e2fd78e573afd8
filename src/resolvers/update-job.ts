import type { Job, JobEdit } from '../runner/index.ts';
import type { Context } from './context.ts';

export interface UpdateJobArguments extends JobEdit {
  readonly id: string;
}

/**
 * Changes the name, tags, notes or priority of a job.
 * @throws JobNotFoundError, InvalidInputError
 */
export function updateJob({ runner }: Context, { id, ...edit }: UpdateJobArguments): Promise<Job> {
  return runner.update(id, edit);
}
