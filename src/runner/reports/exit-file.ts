import { z } from 'zod';
import type { Home } from '../home.ts';
import { readJson, UnreadableFileError } from './read-json.ts';
import { count, firstIssue, text, unixTime } from './status-file.ts';

const exitFile = z.object({
  job_id: z.string(),
  attempt: z.number().int().positive(),
  // POSIX has no others.
  exit_code: z.number().int().min(0).max(255).nullable(),
  signal: z.string().max(32).nullable(),
  finished_at: unixTime,
  max_rss_bytes: count.nullable().default(null),
  oom_killed: z.boolean().default(false),
  spawn_error: text(2000).nullable().default(null),
});

/** How an attempt ended, as its supervisor saw it (see PROTOCOL.md, Exit). */
export type ExitFile = z.output<typeof exitFile>;

/**
 * Reads the exit file of a job. Undefined when there is none.
 * @throws UnreadableFileError when it cannot be trusted
 */
export async function readExitFile(home: Home, jobId: string): Promise<ExitFile | undefined> {
  const json = await readJson(home.exit(jobId));
  if (json === undefined) return undefined;
  const parsed = exitFile.safeParse(json);
  if (!parsed.success) throw new UnreadableFileError(firstIssue(parsed.error));
  if (parsed.data.job_id !== jobId) throw new UnreadableFileError('it names another job');
  return parsed.data;
}
