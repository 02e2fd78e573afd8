import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { send, startTraining } from '../support/api-client.ts';
import { startTestServer, type TestServer } from '../support/server-process.ts';
import { until } from '../support/until.ts';

const SCRIPTS = {
  daemons: `
    import subprocess, time
    here = subprocess.Popen(["sleep", "600"])
    apart = subprocess.Popen(["sleep", "600"], start_new_session=True)
    print("pids", here.pid, apart.pid, flush=True)
    while True: time.sleep(0.05)`,
  slow_save: `
    import os, time
    from pathlib import Path
    from trainyard import Reporter
    def checkpoint(report, text):
        path = Path(os.environ["TRAINYARD_OUTPUT_DIR"], "last.ckpt")
        path.write_text(text)
        report.checkpoint(path)
    with Reporter.from_environment() as report:
        report.on_stop(lambda: (time.sleep(30), checkpoint(report, "new")))
        report.begin(total_steps=100_000)
        checkpoint(report, "old")
        for step in range(1, 100_000):
            report.step(step, loss=1 / step)
            time.sleep(0.02)`,
  unreported: `
    import argparse, os, time
    from pathlib import Path
    parser = argparse.ArgumentParser()
    parser.add_argument("--resume")
    resume = parser.parse_args().resume
    print("from", resume and os.path.relpath(resume, os.environ["TRAINYARD_HOME"]), flush=True)
    for step in range(1, 3):
        Path(os.environ["TRAINYARD_OUTPUT_DIR"], f"{os.environ['TRAINYARD_ATTEMPT']}-{step}.pt").write_text("weights")
        time.sleep(0.01)
    print("saved", os.environ["TRAINYARD_ATTEMPT"], flush=True)
    while True:
        try: time.sleep(60)
        except KeyboardInterrupt: pass`,
  long_lines: `
    import os
    for number in range(50): os.write(1, b"%02d " % number + b"Z" * 1_000_000 + b"\\n")`,
};

interface Job {
  readonly status: string;
  readonly finishedAt: string | null;
  readonly progress: { readonly step: number };
  readonly log: { readonly lines: readonly { readonly text: string }[] };
  readonly stop: {
    readonly graceful: boolean;
    readonly killedAfterSeconds: number | null;
    readonly lastCheckpoint: object | null;
  } | null;
  readonly files: { readonly edges: readonly { readonly node: { readonly path: string; readonly url: string } }[] };
  readonly provenance: { readonly script: { readonly name: string; readonly source: string } } | null;
}

const READ = `query ($id: ID!) { job(id: $id) {
  status finishedAt progress { step } log(last: 50) { lines { text } }
  stop { graceful killedAfterSeconds lastCheckpoint { path bytes } }
  files { edges { node { path url } } } provenance { script { name source } }
} }`;
const STOP = 'mutation ($input: StopTrainingInput!) { stopTraining(input: $input) { __typename } }';

const RESUME = 'mutation ($input: ResumeTrainingInput!) { resumeTraining(input: $input) { __typename } }';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ environment: { TRAINYARD_MAX_RUNNING: '3' } });
  mkdirSync(join(server.home, 'trainers'), { recursive: true });
  for (const [name, source] of Object.entries(SCRIPTS)) {
    writeFileSync(join(server.home, 'trainers', `${name}.py`), source.replaceAll('\n    ', '\n'));
  }
});
afterAll(() => server[Symbol.asyncDispose]());

async function start(trainer: string): Promise<string> {
  const { id } = await until('the script is a trainer', () => startTraining(server.url, { trainer }).catch(() => null));
  return id;
}

async function read(id: string): Promise<Job> {
  const { data, errors } = await send<{ job: Job }>(server.url, READ, { id });
  return data?.job ?? expect.fail(errors?.[0]?.message);
}

const ended = (id: string) =>
  until(`${id} has ended`, async () => {
    const job = await read(id);
    return job.finishedAt !== null && job;
  });

test('processes of a script have ended when its job is STOPPED, also those in sessions of their own', async () => {
  const id = await start('daemons');
  const pids = await until('its processes run', async () => {
    const line = (await read(id)).log.lines.find(({ text }) => text.startsWith('pids'));
    return line?.text.split(' ').slice(1).map(Number);
  });
  expect(pids.map((pid) => existsSync(`/proc/${pid}`))).toEqual([true, true]);
  await send(server.url, STOP, { input: { id } });
  expect((await ended(id)).status).toBe('STOPPED');
  expect(pids.map((pid) => existsSync(`/proc/${pid}`))).toEqual([false, false]);
});

test('a script that saves too slowly is killed, and its earlier checkpoint remains', async () => {
  const id = await start('slow_save');
  await until('it trains', async () => (await read(id)).progress.step > 0);
  await send(server.url, STOP, { input: { id, graceSeconds: 1 } });
  const { status, stop, files, provenance } = await ended(id);
  expect([status, stop?.graceful]).toEqual(['STOPPED', false]);
  expect(stop?.killedAfterSeconds).toBeGreaterThanOrEqual(1);
  expect(stop?.lastCheckpoint).toEqual({ path: `artifacts/outputs/${id}/last.ckpt`, bytes: 3 });
  const [file] = files.edges;
  expect(file?.node.path).toBe('last.ckpt');
  for (const url of [file?.node.url, `/models/${id}`]) {
    expect(await (await fetch(`${server.url}${url ?? ''}`)).text()).toBe('old');
  }
  expect(provenance?.script.name).toBe('slow_save.py');
  expect(provenance?.script.source).toContain('report.on_stop');
});

test('a file that a script saves without a report is its checkpoint after a kill, and the one that the next attempt gets', async () => {
  const id = await start('unreported');
  for (const attempt of [1, 2]) {
    await until('it has saved', async () => (await read(id)).log.lines.some(({ text }) => text === `saved ${attempt}`));
    await send(server.url, STOP, { input: { id, graceSeconds: 0 } });
    const { status, stop, log } = await ended(id);
    expect([status, stop?.graceful]).toEqual(['STOPPED', false]);
    expect(stop?.lastCheckpoint).toEqual({ path: `artifacts/outputs/${id}/${attempt}-2.pt`, bytes: 7 });
    const from = log.lines.map(({ text }) => text).filter((text) => text.startsWith('from'));
    expect(from.at(-1)).toBe(attempt === 1 ? 'from None' : `from artifacts/outputs/${id}/1-2.pt`);
    if (attempt === 1) await send(server.url, RESUME, { input: { id } });
  }
});

test('a log line of 1 MB counts as one line, and the download contains it completely', async () => {
  const id = await start('long_lines');
  const { status, log } = await ended(id);
  expect([status, log.lines.length]).toEqual(['COMPLETED', 50]);
  expect(log.lines[7]?.text).toMatch(/^07 Z+ \[line cut: 1000003 characters\]$/);
  const text = await (await fetch(`${server.url}/jobs/${id}/log`)).text();
  expect(text.split('\n').filter((line) => line.length === 1_000_003)).toHaveLength(50);
});
