import { InvalidInputError } from './errors.ts';
import { INPUT_LIMITS, wholeNumberText } from './input-limits.ts';
import { checkLabels } from './labels.ts';
import type { Job } from './types.ts';

const [MIN_PRIORITY, MAX_PRIORITY] = INPUT_LIMITS.priority;
const MAX_NOTES = 10_000;

/** An edit of a job, possible at any time; omitted fields stay unchanged. */
export interface JobEdit {
  /** Null removes the name. */
  readonly name?: string | null | undefined;
  readonly tags?: readonly string[] | null | undefined;
  /** Markdown. */
  readonly notes?: string | null | undefined;
  /** Has an effect whenever the job waits. */
  readonly priority?: number | null | undefined;
}

/**
 * Applies an edit to a job.
 * @throws InvalidInputError
 */
export function editJob(job: Job, { name, tags, notes, priority }: JobEdit): Job {
  checkLabels({ name, tags });
  if (notes != null && notes.length > MAX_NOTES) {
    throw new InvalidInputError(`Notes have at most ${MAX_NOTES} characters, and these have ${notes.length}.`, [
      'input',
      'notes',
    ]);
  }
  if (priority != null && !(Number.isInteger(priority) && priority >= MIN_PRIORITY && priority <= MAX_PRIORITY)) {
    const range = wholeNumberText(MIN_PRIORITY, MAX_PRIORITY);
    throw new InvalidInputError(`priority must be ${range}; it was ${priority}.`, ['input', 'priority']);
  }
  return {
    ...job,
    request: {
      ...job.request,
      name: name === undefined ? job.request.name : name,
      tags: tags == null ? job.request.tags : [...new Set(tags)],
      priority: priority ?? job.request.priority,
    },
    notes: notes ?? job.notes,
  };
}
