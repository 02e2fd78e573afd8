import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** The paths under one home folder (see PROTOCOL.md, Folders). All are absolute. */
export interface Home {
  readonly root: string;
  readonly artifacts: string;
  readonly jobs: string;
  readonly staging: string;
  readonly specs: string;
  readonly metrics: string;
  readonly logs: string;
  readonly exits: string;
  readonly models: string;
  readonly datasets: string;
  readonly database: string;
  status(jobId: string): string;
  spec(jobId: string): string;
  metricsOf(jobId: string): string;
  log(jobId: string): string;
  exit(jobId: string): string;
}

/** The paths under `root`, an absolute path. Creates nothing. */
export function homeAt(root: string): Home {
  const artifacts = join(root, 'artifacts');
  const jobs = join(artifacts, 'jobs');
  const specs = join(artifacts, 'specs');
  const metrics = join(artifacts, 'metrics');
  const logs = join(artifacts, 'logs');
  const exits = join(artifacts, 'exits');
  return {
    root,
    artifacts,
    jobs,
    staging: join(artifacts, 'staging'),
    specs,
    metrics,
    logs,
    exits,
    models: join(root, 'models'),
    datasets: join(root, 'datasets'),
    database: join(artifacts, 'trainyard.db'),
    status: (id) => join(jobs, `${id}.json`),
    spec: (id) => join(specs, `${id}.json`),
    metricsOf: (id) => join(metrics, `${id}.jsonl`),
    log: (id) => join(logs, `${id}.log`),
    exit: (id) => join(exits, `${id}.json`),
  };
}

/** Creates every missing folder of `home`, for its owner only. */
export function makeFolders(home: Home): void {
  const folders = [home.jobs, home.staging, home.specs, home.metrics, home.logs, home.exits];
  for (const folder of [...folders, home.models, home.datasets]) mkdirSync(folder, { recursive: true, mode: 0o700 });
}
