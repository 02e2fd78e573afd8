import { InvalidInputError } from './errors.ts';
import type { Job } from './job.ts';
import type { JobEdit } from '../store/job-query.ts';
import { checkText } from '../life/start-input.ts';

const MAX_NOTES = 10_000;

/**
 * `job` with another name, other tags or other notes; what is left out stays.
 * @throws InvalidInputError
 */
export function editJob(job: Job, { name, tags, notes }: JobEdit): Job {
  checkText({ name, tags });
  if (notes != null && notes.length > MAX_NOTES) {
    throw new InvalidInputError(`Notes have at most ${MAX_NOTES} characters, and these have ${notes.length}.`, [
      'input',
      'notes',
    ]);
  }
  return {
    ...job,
    request: {
      ...job.request,
      name: name === undefined ? job.request.name : name,
      tags: tags == null ? job.request.tags : [...new Set(tags)],
    },
    notes: notes ?? job.notes,
  };
}
