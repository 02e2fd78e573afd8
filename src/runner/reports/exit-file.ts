import { z } from 'zod';
import type { Home } from '../home.ts';
import type { ExitReport } from '../job/reports.ts';
import { readJobFile } from './job-file.ts';
import { readJson, type ReadJson } from './read-json.ts';
import { count, text, unixTime } from './status-file.ts';

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

/**
 * Reads the exit file of a job. Undefined if there is none.
 * @param read reads the file
 * @throws UnreadableFileError if it cannot be trusted
 */
export async function readExitFile(
  home: Home,
  jobId: string,
  read: ReadJson = readJson,
): Promise<ExitReport | undefined> {
  const file = await readJobFile(jobId, home.exit(jobId), exitFile, read);
  if (!file) return undefined;
  return {
    attempt: file.attempt,
    exitCode: file.exit_code,
    signal: file.signal,
    finishedAt: file.finished_at,
    peakMemoryBytes: file.max_rss_bytes,
    outOfMemory: file.oom_killed,
    spawnError: file.spawn_error,
  };
}
