import { z } from 'zod';
import type { Home } from '../home.ts';
import { hidePaths } from '../job/hide-paths.ts';
import { type MetricNumber, NON_FINITE_TEXTS } from '../job/metric-number.ts';
import type { StatusReport } from '../job/reports.ts';
import type { ScorePart } from '../job/score.ts';
import { type JobStatus, STATUSES } from '../job/status.ts';
import { FAILURE_REASONS } from '../job/failure.ts';
import { visibleLine } from '../job/visible-text.ts';
import { isCheckpointOf } from './model-file.ts';
import { readJobFile } from './job-file.ts';
import { readJson, type ReadJson } from './read-json.ts';

/** A whole number that the API can express (SafeInt): zod's `int()` ends at 2^53 - 1. */
export const count = z.number().int().nonnegative();
/** The maximum of the kernel's pid_t. Not 1: killing the group of process 1 would kill every process. */
const pid = z
  .number()
  .int()
  .min(2)
  .max(2 ** 31 - 1);
/** Leaves room to count further: a number beyond 2^53 in the record would keep every later server from starting. */
const MAX_SEQUENCE = 1e14;
/** Maximum number of newest and of best metrics of a job: a script that generates names must not slow down lists. */
const MAX_METRICS = 500;
const MAX_TRANSITIONS = 64;
/** Maximum length of the path of a checkpoint, relative to the home. */
export const MAX_CHECKPOINT_PATH = 1024;
/** Unix seconds in the file, whole Unix milliseconds in the program. */
export const unixTime = z
  .number()
  .nonnegative()
  .max(1e11)
  .transform((seconds) => Math.round(seconds * 1000));
/** Text, truncated to `length` characters. */
export const text = (length: number) => z.string().transform((value) => value.slice(0, length));
/** The name of a metric, as clients see it and send it back. */
export const metricName = z.string().max(128).transform(visibleLine);
/** Values by metric name, at most the first {@link MAX_METRICS}. The others are dropped before validation, which is expensive. */
const byMetric = <Value extends z.ZodType>(value: Value) =>
  z.preprocess(firstMetrics, z.record(metricName, value)).default({});

const identity = z
  .object({ pid, start_time: z.string().max(128), boot_id: z.string().max(128) })
  .transform((fields) => ({ pid: fields.pid, startTime: fields.start_time, bootId: fields.boot_id }));

/** The status of a job, as files spell it. */
export const status = z.enum(Object.keys(STATUSES) as [JobStatus, ...JobStatus[]]);

const transition = z.object({ status, at: unixTime });

/** Older versions wrote NaN and infinity as null. */
export const metricNumber = z.union([z.number(), z.enum(NON_FINITE_TEXTS)]).nullable();
const finiteOrNull = (value: MetricNumber) => (typeof value === 'number' ? value : null);
export const goal = z.enum(['max', 'min']).transform((text) => (text === 'max' ? 'MAX' : 'MIN'));

const point = z.object({ value: z.number(), step: count, at: unixTime });

/** The part of the data, as files spell it. */
export const part = z
  .enum(['test', 'validation', 'cross_validation', 'training'])
  .transform((text) => text.toUpperCase() as ScorePart);

const score = z.object({
  name: metricName,
  value: z.number(),
  baseline: z.number().nullable().default(null),
  goal: goal.nullable().default(null),
  part,
  epoch: count.nullable().default(null),
  rows: count.nullable().default(null),
  unit: text(32).transform(visibleLine).nullable().default(null),
});

/** The schema of a status file (see PROTOCOL.md, Status). Unknown keys are dropped. */
const statusFile = z.object({
  job_id: z.string(),
  attempt: z.number().int().positive(),
  sequence: count.max(MAX_SEQUENCE),
  status,
  progress: z.number().min(0).max(100),
  epoch: count.default(0),
  epochs: count.nullable().default(null),
  step: count.default(0),
  first_step: count.nullable().default(null),
  total_steps: count.nullable().default(null),
  loss: metricNumber.default(null).transform(finiteOrNull),
  metrics: byMetric(metricNumber),
  extremes: byMetric(z.object({ min: point, max: point })),
  goals: byMetric(goal),
  // A score that does not fit must not hide the status.
  score: score.nullable().default(null).catch(null),
  message: text(2000).nullable().default(null),
  checkpoint: z.string().max(MAX_CHECKPOINT_PATH).nullable().default(null),
  reads_checkpoint: z.boolean().nullable().default(null),
  samples_per_second: z.number().nullable().default(null),
  eta_seconds: z.number().nonnegative().nullable().default(null),
  created_at: unixTime,
  started_at: unixTime.nullable().default(null),
  updated_at: unixTime,
  finished_at: unixTime.nullable().default(null),
  // The length first: reporting each of 300,000 invalid entries (1 MiB holds that many) would block the server.
  transitions: z.array(z.unknown()).max(MAX_TRANSITIONS).pipe(z.array(transition)),
  simulation: z.boolean().default(false),
  pid: pid.nullable().default(null),
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

/**
 * Reads the status file of a job. Undefined if there is none.
 * @param read reads the file
 * @throws UnreadableFileError if it cannot be trusted
 */
export async function readStatusFile(
  home: Home,
  jobId: string,
  read: ReadJson = readJson,
): Promise<StatusReport | undefined> {
  const file = await readJobFile(jobId, home.status(jobId), statusFile, read);
  return file && reportOf(file, home);
}

/** A status file in the terms of the program. */
function reportOf(file: z.output<typeof statusFile>, { root }: Home): StatusReport {
  return {
    attempt: file.attempt,
    sequence: file.sequence,
    status: file.status,
    percent: file.progress,
    epoch: file.epoch,
    epochs: file.epochs,
    step: file.step,
    firstStep: file.first_step,
    totalSteps: file.total_steps,
    loss: file.loss,
    metrics: file.metrics,
    extremes: file.extremes,
    goals: file.goals,
    score: file.score,
    message: file.message === null ? null : hidePaths(file.message, root),
    checkpoint: isCheckpointOf(file.job_id, file.checkpoint) ? file.checkpoint : null,
    readsCheckpoint: file.reads_checkpoint,
    samplesPerSecond: file.samples_per_second,
    etaSeconds: file.eta_seconds,
    startedAt: file.started_at,
    updatedAt: file.updated_at,
    transitions: file.transitions,
    simulation: file.simulation,
    host: file.host,
    device: file.device,
    processes: { supervisor: file.supervisor, trainer: file.process },
    error: file.error && { reason: file.error.reason, message: hidePaths(file.error.message, root) },
  };
}

function firstMetrics(json: unknown): unknown {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return json;
  const names = Object.keys(json);
  if (names.length <= MAX_METRICS) return json;
  return Object.fromEntries(names.slice(0, MAX_METRICS).map((name) => [name, (json as Record<string, unknown>)[name]]));
}
