import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createEventChannel } from '../../../src/runner/events.ts';
import { type Home, homeAt, makeFolders } from '../../../src/runner/home.ts';
import { createReportReader } from '../../../src/runner/reports/report-reader.ts';
import { failCalls } from '../../faults/failing-calls.ts';
import { temporaryHome } from '../../support/home.ts';
import { recordedLog } from '../../support/runner.ts';
import { until } from '../../support/until.ts';

const [LARGE_JOB, SMALL_JOB] = ['job_1_00000001', 'job_1_00000002'];
const MEBIBYTE = 1024 * 1024;

function homeWithReader(how: { readonly isLocal?: boolean } = {}) {
  const home = homeAt(temporaryHome());
  makeFolders(home);
  const logger = recordedLog();
  return { home, logger, reader: createReportReader({ home, logger, events: createEventChannel(logger), ...how }) };
}

/** Replaces the status file of a job by one of about so many bytes. */
function writeStatus(home: Home, id: string, sequence: number, bytes = 0): void {
  const at = Date.now() / 1000;
  const status = { job_id: id, attempt: 1, sequence, status: 'RUNNING', progress: 1, created_at: at, updated_at: at };
  const path = home.status(id);
  writeFileSync(`${path}.new`, JSON.stringify({ ...status, transitions: [], padding: 'x'.repeat(bytes) }));
  renameSync(`${path}.new`, path);
}

test('large status files are read at a bounded rate, small ones always', async () => {
  const { home, reader } = homeWithReader();
  const bytes = 0.9 * MEBIBYTE;
  const began = performance.now();
  let read = 0;
  for (let sequence = 1; sequence <= 40; sequence += 1) {
    writeStatus(home, LARGE_JOB, sequence, bytes);
    writeStatus(home, SMALL_JOB, sequence);
    if (await reader.readStatus(LARGE_JOB)) read += 1;
    expect((await reader.readStatus(SMALL_JOB))?.sequence).toBe(sequence);
  }
  const seconds = (performance.now() - began) / 1000;
  // The first version of a job is read at once, and so is the first one that counts.
  expect(read).toBeLessThanOrEqual(2 + (seconds * 8 * MEBIBYTE) / bytes);
});

test('the version that decides how a job ended is read without waiting', async () => {
  const { home, reader } = homeWithReader();
  for (let sequence = 1; sequence <= 5; sequence += 1) {
    writeStatus(home, LARGE_JOB, sequence, 0.9 * MEBIBYTE);
    await reader.readStatus(LARGE_JOB);
    expect((await reader.readLastStatus(LARGE_JOB))?.sequence).toBe(sequence);
  }
});

test('a skipped version is read as soon as it may be', async () => {
  const { home, reader } = homeWithReader();
  for (const sequence of [1, 2, 3]) {
    writeStatus(home, LARGE_JOB, sequence, 0.9 * MEBIBYTE);
    await reader.readStatus(LARGE_JOB);
  }
  writeStatus(home, LARGE_JOB, 4, 0.9 * MEBIBYTE);
  const last = await until('it has its turn', async () => (await reader.readStatus(LARGE_JOB)) ?? false);
  expect(last.sequence).toBe(4);
});

test('a file that cannot be used is logged once, and the one in its place is read', async () => {
  const { home, logger, reader } = homeWithReader();
  writeFileSync(home.status(SMALL_JOB), 'no JSON');
  expect(await reader.readStatus(SMALL_JOB)).toBeUndefined();
  expect(await reader.readStatus(SMALL_JOB)).toBeUndefined();
  expect(logger.lines.map(({ message }) => message)).toEqual(['the status file cannot be used: it is not valid JSON']);
  writeStatus(home, SMALL_JOB, 2);
  expect((await reader.readStatus(SMALL_JOB))?.sequence).toBe(2);
});

test('a file that is replaced on NFS while it is read is read again', async () => {
  const { home, logger, reader } = homeWithReader({ isLocal: false });
  writeStatus(home, 'job_1_00000003', 1);
  for (const call of ['open artifacts/jobs/<job>.json', 'read of artifacts/jobs/<job>.json']) {
    using calls = failCalls(home.root, { call, occurrence: 1, code: 'ESTALE' });
    expect((await reader.readLastStatus('job_1_00000003'))?.sequence).toBe(1);
    expect(calls.failed).toEqual([call]);
  }
  expect(logger.lines).toEqual([]);
});

test.each([true, false])(
  'nothing but a regular file is read, on a disk of this machine (%s) or another',
  async (isLocal) => {
    const { home, logger, reader } = homeWithReader({ isLocal });
    const path = home.status(SMALL_JOB);
    const problemsOf = async (put: () => void) => {
      logger.lines.length = 0;
      put();
      expect(await reader.readStatus(SMALL_JOB)).toBeUndefined();
      rmSync(path, { recursive: true, force: true });
      return logger.lines.map(({ message }) => message.replace('the status file cannot be used: ', ''));
    };
    expect(await problemsOf(() => undefined)).toEqual([]);
    expect(await problemsOf(() => mkdirSync(path))).toEqual(['it is not a regular file']);
    expect(await problemsOf(() => symlinkSync('/etc/hostname', path))).toEqual(['it is a symbolic link']);
    expect(await problemsOf(() => execFileSync('mkfifo', [path]))).toEqual(['it is not a regular file']);
    expect(await problemsOf(() => writeFileSync(path, ' '.repeat(MEBIBYTE + 1)))).toEqual([
      'it is larger than 1048576 bytes',
    ]);
    expect(await reader.readExit(SMALL_JOB, 1)).toBeNull();
    writeStatus(home, SMALL_JOB, 3);
    expect((await reader.readStatus(SMALL_JOB))?.sequence).toBe(3);
    writeFileSync(
      home.exit(SMALL_JOB),
      JSON.stringify({ job_id: SMALL_JOB, attempt: 1, exit_code: 0, signal: null, finished_at: 1 }),
    );
    expect((await reader.readExit(SMALL_JOB, 1))?.exitCode).toBe(0);
  },
);
