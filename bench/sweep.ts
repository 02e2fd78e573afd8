/** Measures the reads of a sweep, once a second without inotify: the exit and status files of N running jobs. `node bench/sweep.ts [N]` */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEventChannel } from '../src/runner/events.ts';
import { homeAt, makeFolders } from '../src/runner/home.ts';
import { createReportReader } from '../src/runner/reports/report-reader.ts';

const ignore = () => undefined;
const logger = { debug: ignore, info: ignore, warn: ignore, error: ignore };
const count = Number(process.argv[2] ?? 10_000);
const home = homeAt(mkdtempSync(join(tmpdir(), 'trainyard-sweep-')));
makeFolders(home);
const ids = Array.from({ length: count }, (_, index) => `job_1760320883609_${index.toString(16).padStart(8, '0')}`);
const reader = createReportReader({ home, logger, events: createEventChannel(logger) });

/** The status that a trainer writes: about 600 bytes. */
function report(id: string, sequence: number): void {
  const status = {
    ...{ version: 1, job_id: id, attempt: 1, sequence, status: 'RUNNING', progress: 10, epoch: 1, epochs: 10 },
    ...{ step: sequence, total_steps: 1000, loss: 0.5, metrics: { loss: 0.5, val_loss: 0.6 }, message: null },
    ...{
      checkpoint: null,
      samples_per_second: 100,
      eta_seconds: 60,
      created_at: 1,
      started_at: 1,
      updated_at: 2,
      simulation: true,
    },
    ...{ transitions: [{ status: 'QUEUED', at: 1 }], host: 'n1', device: 'cpu', error: null },
  };
  writeFileSync(home.status(id), JSON.stringify(status));
}

async function sweep(what: string): Promise<void> {
  const [startedAt, before] = [performance.now(), process.cpuUsage()];
  const reports = await Promise.all(
    ids.map(async (id) => {
      await reader.readExit(id, 1);
      return reader.readStatus(id);
    }),
  );
  const { user, system } = process.cpuUsage(before);
  const read = reports.filter((found) => found !== undefined).length;
  const wallMs = Math.round(performance.now() - startedAt);
  console.log(`${what}: ${wallMs} ms, ${Math.round((user + system) / 1000)} ms of CPU, ${read} files read`);
}

for (const id of ids) report(id, 1);
await sweep(`${count} jobs, first sweep`);
for (let round = 0; round < 3; round += 1) await sweep('unchanged');
for (const [index, share] of [0.1, 1].entries()) {
  for (const id of ids.slice(0, count * share)) report(id, index + 2);
  await sweep(`${share * 100}% changed`);
}
rmSync(home.root, { recursive: true });
