import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { temporaryHome } from '../support/home.ts';
import { ended, reach, running, startRunner } from '../support/runner.ts';
import { supervisorOf, trainerOf } from '../support/local-processes.ts';

const LONG = { backend: 'SIMULATION', epochs: 4000 } as const;

interface Identity {
  readonly pid: number;
  readonly startTime: string;
  readonly bootId: string;
}

/** A job whose server has ended and whose processes were both killed later, so that there is no exit record. */
async function leftBehind(home: string, stop: boolean): Promise<string> {
  const runner = await startRunner(home);
  const { id } = await runner.start(LONG);
  const job = await reach(runner, id, running);
  const pids = [supervisorOf(job)?.pid, trainerOf(job)?.pid].map((pid) => pid ?? expect.fail('a process has no pid'));
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  if (stop) await runner.stop(id, { graceSeconds: 0.5 });
  await runner[Symbol.asyncDispose]();
  for (const pid of pids) process.kill(pid, 'SIGKILL');
  return id;
}

/** Changes the identities of the job's processes, in the record and in the status file. */
function rewriteIdentities(home: string, id: string, change: (identity: Identity) => Identity): void {
  using database = new DatabaseSync(join(home, 'artifacts/trainyard.db'));
  const path = join(home, 'artifacts/jobs', `${id}.json`);
  const status = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  const row = database.prepare('SELECT handle FROM jobs WHERE id = ?').get(id) as { handle: string };
  const handle = JSON.parse(row.handle) as Record<'trainer' | 'supervisor', Identity>;
  for (const [key, name] of [
    ['process', 'trainer'],
    ['supervisor', 'supervisor'],
  ] as const) {
    const changed = change(handle[name]);
    handle[name] = changed;
    status[key] = { pid: changed.pid, start_time: changed.startTime, boot_id: changed.bootId };
  }
  database.prepare(`UPDATE jobs SET handle = ? WHERE id = ?`).run(JSON.stringify(handle), id);
  writeFileSync(path, JSON.stringify(status));
}

test.each([
  ['is not taken for the trainer', false, 'ERROR'],
  ['is not signalled by a stop either', true, 'STOPPED'],
])('a process that got the pid of a dead trainer %s', async (_, stop, status) => {
  const home = temporaryHome();
  const id = await leftBehind(home, stop);
  const stranger = spawn('sleep', ['600'], { detached: true, stdio: 'ignore' });
  const pid = stranger.pid ?? expect.fail('no stranger');
  try {
    rewriteIdentities(home, id, (identity) => ({ ...identity, pid }));
    const runner = await startRunner(home);
    const job = await reach(runner, id, ended);
    expect(job.state).toMatchObject(status === 'ERROR' ? { status, failure: { reason: 'VANISHED' } } : { status });
    expect([stranger.exitCode, stranger.signalCode]).toEqual([null, null]);
  } finally {
    stranger.kill('SIGKILL');
    await once(stranger, 'exit');
  }
});

test('a job of another boot ended with it', async () => {
  const home = temporaryHome();
  const id = await leftBehind(home, false);
  rewriteIdentities(home, id, (identity) => ({ ...identity, bootId: '00000000-0000-0000-0000-000000000000' }));
  const runner = await startRunner(home);
  expect((await reach(runner, id, ended)).state).toMatchObject({ status: 'ERROR', failure: { reason: 'HOST_REBOOT' } });
});
