import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import type { Api } from '../api/create-api.ts';
import { ApiError } from '../api/errors.ts';
import { DELETE_DATASET } from '../api/operations/datasets.ts';
import { LIST_FILES, READ_LOG } from '../api/operations/job-files.ts';
import { RESULT, WATCH } from '../api/operations/jobs.ts';
import { START_PREDICTION } from '../api/operations/predictions.ts';
import { unwrapResult } from '../api/unwrap-result.ts';
import { EXIT } from '../exit-code.ts';

export interface DatasetPrediction {
  /** The job that trained the model. */
  readonly modelOf: string;
  readonly file: string;
  readonly bytes: number;
  /** How to read the file: `encoding` and `header`; null: inferred. */
  readonly options: Readonly<Record<string, unknown>> | null;
  /** Prints a line about the progress. */
  readonly say: (line: string) => void;
  /** Prints a line about a problem. */
  readonly warn: (line: string) => void;
}

/**
 * Uploads a file, predicts it in a job, and deletes the upload.
 * @returns the job and its CSV file; or the exit code if the job did not complete
 */
export async function predictDataset(
  api: Api,
  { modelOf, file, bytes, options, say, warn }: DatasetPrediction,
): Promise<
  | { readonly jobId: string; readonly csv: AsyncIterable<Uint8Array> }
  | { readonly exitCode: number; readonly jobId: string }
> {
  // The name tells the format, and is unique: another upload of this file may be in use.
  const dataset = `predict-${randomBytes(4).toString('hex')}-${basename(file)}`;
  await api.upload(`/datasets/${encodeURIComponent(dataset)}`, createReadStream(file), bytes);
  try {
    const { job } = unwrapResult(
      (await api.request(START_PREDICTION, { jobId: modelOf, dataset, options })).startPrediction,
    );
    say(`Predicting in job ${job.id}.`);
    const status = await lastStatus(api, job.id);
    if (status !== 'COMPLETED') {
      const { job: ended } = await api.request(RESULT, { id: job.id });
      warn(ended?.failure?.message ?? `Job ${job.id} ended as ${status}.`);
      return { jobId: job.id, exitCode: status === 'STOPPED' ? EXIT.JOB_STOPPED : EXIT.JOB_FAILED };
    }
    const { job: logged } = await api.request(READ_LOG, { id: job.id, last: 100 });
    for (const { text } of logged?.log.lines ?? []) if (text.startsWith('Column ')) warn(text);
    return { jobId: job.id, csv: await download(api, job.id) };
  } finally {
    await api.request(DELETE_DATASET, { name: dataset }).catch(() => undefined);
  }
}

async function lastStatus(api: Api, id: string): Promise<string> {
  let status = 'QUEUED';
  for await (const { jobProgress } of api.subscribe(WATCH, { id, after: null })) ({ status } = jobProgress);
  return status;
}

async function download(api: Api, id: string): Promise<AsyncIterable<Uint8Array>> {
  const { job } = await api.request(LIST_FILES, { id, after: null });
  const file = job?.files.edges.find(({ node }) => node.path === 'predictions.csv');
  const body = file && (await api.download(file.node.url)).body;
  if (!body) throw new ApiError(`Job ${id} has no file predictions.csv any more.`, null);
  return body;
}
