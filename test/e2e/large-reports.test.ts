import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { OVER_WEBSOCKET, readFeed, send } from '../support/api-client.ts';
import { serveScript } from '../support/serve-script.ts';

const LISTS = `query ($id: ID!) {
  jobs { edges { node { id status epochs progress { step totalSteps epoch epochs percent metrics } best { name step } } } }
  job(id: $id) { progress { metrics } failure { message } metrics { name totalPoints latest { step } } log(last: 50) { lines { text } } }
  jobCounts { total completed }
}`;

interface Lists {
  readonly jobs: { readonly edges: readonly { readonly node: { readonly id: string; readonly status: string } }[] };
  readonly job: {
    readonly progress: { readonly metrics: Record<string, number> };
    readonly metrics: readonly { readonly name: string; readonly latest: { readonly step: number } }[];
    readonly log: { readonly lines: readonly { readonly text: string }[] };
  };
  readonly jobCounts: object;
}

async function readLists(url: string, id: string): Promise<Lists> {
  const { data, errors } = await send<Lists>(url, LISTS, { id });
  expect(errors).toBeUndefined();
  return data ?? expect.fail('no data');
}

const nodeOf = ({ jobs }: Lists, id: string) => jobs.edges.find(({ node }) => node.id === id)?.node;

test('a training that counts tokens as steps is followed to its end, and so are all other jobs', async () => {
  const { url, id, other } = await serveScript(`
from trainyard import Reporter
with Reporter.from_environment() as report:
    report.begin(total_steps=9_007_199_254_740_991, epochs=5_000_000_000)
    for step in (3_000_000_000, 60_000_000_000, 9_007_199_254_740_991):
        report.step(step=step, epoch=step // 3, loss=1 / step)
`);
  const messages = await readFeed(OVER_WEBSOCKET, url, id);
  expect(messages.at(-1)).toMatchObject({ status: 'COMPLETED', step: Number.MAX_SAFE_INTEGER });

  const lists = await readLists(url, id);
  expect(nodeOf(lists, id)).toMatchObject({
    status: 'COMPLETED',
    progress: { totalSteps: Number.MAX_SAFE_INTEGER, epochs: 5_000_000_000, epoch: 3_002_399_751_580_330 },
    best: [{ name: 'loss', step: Number.MAX_SAFE_INTEGER }],
  });
  expect(nodeOf(lists, other)).toMatchObject({ status: 'RUNNING' });
  expect(lists.job.metrics).toMatchObject([
    { name: 'loss', totalPoints: 3, latest: { step: Number.MAX_SAFE_INTEGER } },
  ]);
  expect(lists.jobCounts).toEqual({ total: 2, completed: 1 });
});

test('a training that reports 4,500 metrics is COMPLETED, and its log says what the status leaves out', async () => {
  const { url, id } = await serveScript(`
from trainyard import Reporter
with Reporter.from_environment() as report:
    report.begin(total_steps=3)
    for step in (1, 2, 3):
        report.step(step=step, loss=1 / step, **{f"grads/model.layers.{n // 8}.q_proj.{n % 8}.norm": n + step for n in range(4_500)})
`);
  expect((await readFeed(OVER_WEBSOCKET, url, id)).at(-1)?.status).toBe('COMPLETED');
  const { job } = await readLists(url, id);
  expect(Object.keys(job.progress.metrics)).toHaveLength(500);
  expect(job.metrics).toHaveLength(4_501);
  expect(job.metrics.every(({ latest }) => latest.step === 3)).toBe(true);
  const printed = job.log.lines.map(({ text }) => text).join('\n');
  expect(printed).toContain('the status omits 4001 of the metrics, such as');
  expect(printed).toContain('Job.metrics(names: [...])');
});

test('a training whose own writer ends with a status file that is too large is COMPLETED, with its last good numbers', async () => {
  const { url, home, id } = await serveScript(`
import json, os, time
home, job_id = os.environ["TRAINYARD_HOME"], os.environ["TRAINYARD_JOB_ID"]
path = f"{home}/artifacts/jobs/{job_id}.json"
def write(sequence, status, metrics, progress):
    at = time.time()
    document = {"version": 1, "job_id": job_id, "attempt": 1, "sequence": sequence, "status": status, "progress": progress,
                "step": sequence, "metrics": metrics, "created_at": at, "updated_at": at,
                "transitions": [{"status": "RUNNING", "at": at}]}
    with open(path + ".new", "w") as file:
        json.dump(document, file)
    os.replace(path + ".new", path)
write(7, "RUNNING", {"loss": 0.5}, 50)
while not os.path.exists(f"{home}/go on"):
    time.sleep(0.02)
write(8, "COMPLETED", {f"metric {n}": n for n in range(100_000)}, 100)
`);
  await readFeed(OVER_WEBSOCKET, url, id, { enough: ({ step }) => step === 7 });
  writeFileSync(join(home, 'go on'), '');
  expect((await readFeed(OVER_WEBSOCKET, url, id)).at(-1)?.status).toBe('COMPLETED');
  expect(nodeOf(await readLists(url, id), id)).toMatchObject({
    status: 'COMPLETED',
    progress: { percent: 100, step: 7, metrics: { loss: 0.5 } },
  });
  // A reader of the files sees the end, too.
  const status = JSON.parse(readFileSync(join(home, 'artifacts/jobs', `${id}.json`), 'utf8')) as { status: string };
  expect(status.status).toBe('COMPLETED');
});
