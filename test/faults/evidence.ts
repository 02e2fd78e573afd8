import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { JobStatus } from '../../src/runner/index.ts';
import type { Exit, History, RecordedJob, Report } from './history.ts';
import { readLines, readStarts } from './processes.ts';

/** Reads the history from the files under `home`. No server may be running, because it locks the database. */
export function collectEvidence(
  home: string,
): Pick<History, 'record' | 'starts' | 'exits' | 'reports' | 'statusFiles'> {
  return {
    record: readRecord(join(home, 'artifacts/trainyard.db')),
    starts: readStarts(home),
    exits: [...documentsIn(join(home, 'artifacts/exits')).values()].map(exitOf),
    reports: readReports(join(home, 'artifacts/metrics')),
    statusFiles: new Map(
      [...documentsIn(join(home, 'artifacts/jobs'))].map(([jobId, { transitions }]) => [
        jobId,
        (transitions as { status: JobStatus }[]).map(({ status }) => status),
      ]),
    ),
  };
}

function readRecord(path: string): RecordedJob[] {
  using database = new DatabaseSync(path, { readOnly: true });
  const jobs = database.prepare('SELECT id, status FROM jobs ORDER BY id').all() as { id: string; status: JobStatus }[];
  const transitions = database.prepare('SELECT status FROM transitions WHERE job_id = ? ORDER BY position');
  return jobs.map(({ id, status }) => ({
    jobId: id,
    status,
    transitions: (transitions.all(id) as { status: JobStatus }[]).map((row) => row.status),
  }));
}

function exitOf(document: Record<string, unknown>): Exit {
  return {
    jobId: document['job_id'] as string,
    attempt: document['attempt'] as number,
    exitCode: document['exit_code'] as number | null,
    signal: document['signal'] as string | null,
    finishedAt: document['finished_at'] as number,
  };
}

function readReports(folder: string): Map<string, Report[]> {
  return new Map(readdirSync(folder).map((name) => [basename(name, '.jsonl'), readReportsOf(join(folder, name))]));
}

/**
 * The reports of a trainer, in the order of its metrics file; empty if there is no file. Without the system metrics, which are written every
 * 10 s: their line repeats the step that the training has reached.
 */
export function readReportsOf(path: string): Report[] {
  return readLines(path)
    .map((line) => JSON.parse(line) as Report & { readonly values: object })
    .filter(({ values }) => !Object.keys(values).every((metric) => metric.startsWith('system/')));
}

/** The JSON files of a folder by job. Anything that a fault put in place of one is ignored. */
function documentsIn(folder: string): Map<string, Record<string, unknown>> {
  const documents = new Map<string, Record<string, unknown>>();
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (!entry.isFile()) continue;
    try {
      const document = JSON.parse(readFileSync(join(folder, entry.name), 'utf8')) as Record<string, unknown>;
      const jobId = basename(entry.name, '.json');
      if (document['job_id'] === jobId) documents.set(jobId, document);
    } catch {
      continue;
    }
  }
  return documents;
}
