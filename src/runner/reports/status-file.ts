import { z } from 'zod';
import type { Home } from '../home.ts';
import { FAILURE_REASONS, JOB_STATUSES } from '../job/job.ts';
import { readJson, UnreadableFileError } from './read-json.ts';

const count = z.number().int().nonnegative();
/** Unix seconds in the file; the program counts whole Unix milliseconds. */
export const unixTime = z
  .number()
  .nonnegative()
  .max(1e11)
  .transform((seconds) => Math.round(seconds * 1000));
const text = (length: number) => z.string().transform((value) => value.slice(0, length));

const identity = z.object({
  pid: z.number().int().positive(),
  start_time: z.string().max(128),
  boot_id: z.string().max(128),
});

const point = z.object({ value: z.number(), step: count, at: unixTime });

/** What a status file may hold (see PROTOCOL.md, Status). Unknown keys are dropped. */
const statusFile = z.object({
  job_id: z.string(),
  attempt: z.number().int().positive(),
  sequence: count,
  status: z.enum(JOB_STATUSES),
  progress: z.number().min(0).max(100),
  epoch: count.default(0),
  epochs: count.nullable().default(null),
  step: count.default(0),
  first_step: count.nullable().default(null),
  total_steps: count.nullable().default(null),
  loss: z.number().nullable().default(null),
  metrics: z.record(z.string().max(128), z.number().nullable()).default({}),
  extremes: z.record(z.string().max(128), z.object({ min: point, max: point })).default({}),
  message: text(2000).nullable().default(null),
  checkpoint: z.string().max(1024).nullable().default(null),
  samples_per_second: z.number().nullable().default(null),
  eta_seconds: z.number().nonnegative().nullable().default(null),
  created_at: unixTime,
  started_at: unixTime.nullable().default(null),
  updated_at: unixTime,
  finished_at: unixTime.nullable().default(null),
  transitions: z.array(z.object({ status: z.enum(JOB_STATUSES), at: unixTime })).max(64),
  simulation: z.boolean().default(false),
  pid: z.number().int().positive().nullable().default(null),
  host: text(256).nullable().default(null),
  device: text(128).nullable().default(null),
  supervisor: identity.nullable().default(null),
  process: identity.nullable().default(null),
  error: z
    .object({
      reason: z.enum(FAILURE_REASONS).catch('TRAINER_ERROR'),
      message: text(4000),
      traceback: z.string().nullable().optional(),
    })
    .nullable()
    .default(null),
});

/** The content of a status file, keys as they stand in it, times in Unix milliseconds. */
export type StatusFile = z.output<typeof statusFile>;

/**
 * Reads the status file of a job. Undefined when there is none.
 * @throws UnreadableFileError when it cannot be trusted
 */
export async function readStatusFile(home: Home, jobId: string): Promise<StatusFile | undefined> {
  const json = await readJson(home.status(jobId));
  if (json === undefined) return undefined;
  const parsed = statusFile.safeParse(json);
  if (!parsed.success) throw new UnreadableFileError(firstIssue(parsed.error));
  if (parsed.data.job_id !== jobId) throw new UnreadableFileError('it names another job');
  return parsed.data;
}

/** One sentence about the first thing that is wrong. */
export function firstIssue(error: z.ZodError): string {
  const issue = error.issues[0];
  return issue ? `${issue.path.join('.') || 'the whole'}: ${issue.message}` : 'it is not as expected';
}
