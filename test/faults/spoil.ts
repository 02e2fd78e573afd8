import { execFileSync } from 'node:child_process';
import { constants, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Replacements for a status file. `good` is the last content from the trainer. */
const SPOILERS: Readonly<Record<string, (path: string, good: string) => void>> = {
  torn: (path, good) => writeFileSync(path, good.slice(0, good.length / 2)),
  empty: (path) => writeFileSync(path, ''),
  binary: (path) => writeFileSync(path, Buffer.from(Array.from({ length: 512 }, (_, index) => (index * 37) % 256))),
  huge: (path) => writeFileSync(path, ' '.repeat(2 * 1024 * 1024)),
  stale: (path, good) => {
    const status = JSON.parse(good) as { sequence: number };
    writeFileSync(path, JSON.stringify({ ...status, sequence: 1, status: 'QUEUED', step: 0, progress: 0 }));
  },
  foreign: (path, good) => writeFileSync(path, JSON.stringify({ ...JSON.parse(good), job_id: 'job_1_00000000' })),
  symlinked: (path) => symlinkSync('/etc/hostname', path),
  'a FIFO': (path) => execFileSync('mkfifo', [path]),
};

export const SPOILED_WAYS = Object.keys(SPOILERS);

/** Replaces a job's status file atomically. The job's next report replaces it again. */
export function spoilStatus(home: string, jobId: string, way: string): void {
  const path = join(home, 'artifacts/jobs', `${jobId}.json`);
  const staged = join(dirname(path), '../staging', `${jobId}.spoiled`);
  SPOILERS[way]?.(staged, read(path));
  renameSync(staged, path);
}

/** The current status in the status file; undefined if it cannot be read. */
export function statusOf(home: string, jobId: string): string | undefined {
  try {
    const text = read(join(home, 'artifacts/jobs', `${jobId}.json`));
    return (JSON.parse(text) as { status: string }).status;
  } catch {
    return undefined;
  }
}

/** Without waiting for a writer: another fault may have put a FIFO there. */
function read(path: string): string {
  return readFileSync(path, { encoding: 'utf8', flag: constants.O_RDONLY | constants.O_NONBLOCK });
}
