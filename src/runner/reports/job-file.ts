import type { z } from 'zod';
import { type ReadJson, UnreadableFileError } from './read-json.ts';

/**
 * Reads a file about one job. Undefined if there is none.
 * @throws UnreadableFileError if it cannot be trusted
 */
export async function readJobFile<Schema extends z.ZodType<{ readonly job_id: string }>>(
  jobId: string,
  path: string,
  schema: Schema,
  read: ReadJson,
): Promise<z.output<Schema> | undefined> {
  const json = await read(path);
  if (json === undefined) return undefined;
  const { success, data, error } = schema.safeParse(json);
  if (!success) throw new UnreadableFileError(describeIssue(error));
  if (data.job_id !== jobId) throw new UnreadableFileError('it names another job');
  return data;
}

/** One sentence about the first thing that is wrong. */
function describeIssue({ issues: [issue] }: z.ZodError): string {
  // The path may contain the name of a metric, which may be long.
  return issue ? `${issue.path.join('.').slice(0, 200) || 'the whole'}: ${issue.message}` : 'it is not as expected';
}
