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
  readonly outputs: string;
  readonly provenances: string;
  readonly evaluations: string;
  readonly models: string;
  readonly datasets: string;
  /** Default of the setting TRAINYARD_TRAINERS. */
  readonly trainers: string;
  readonly database: string;
  /** Cache of the descriptions of trainer scripts. */
  readonly trainerCache: string;
  status(jobId: string): string;
  spec(jobId: string): string;
  metricsOf(jobId: string): string;
  log(jobId: string): string;
  exit(jobId: string): string;
  output(jobId: string): string;
  provenance(jobId: string): string;
  evaluation(jobId: string): string;
}

/** The paths under `root`, an absolute path. Creates nothing. */
export function homeAt(root: string): Home {
  const artifacts = join(root, 'artifacts');
  const jobs = join(artifacts, 'jobs');
  const specs = join(artifacts, 'specs');
  const metrics = join(artifacts, 'metrics');
  const logs = join(artifacts, 'logs');
  const exits = join(artifacts, 'exits');
  const outputs = join(artifacts, 'outputs');
  const provenances = join(artifacts, 'provenance');
  const evaluations = join(artifacts, 'evaluations');
  return {
    root,
    artifacts,
    jobs,
    staging: join(artifacts, 'staging'),
    specs,
    metrics,
    logs,
    exits,
    outputs,
    provenances,
    evaluations,
    models: join(root, 'models'),
    datasets: join(root, 'datasets'),
    trainers: join(root, 'trainers'),
    database: join(artifacts, 'trainyard.db'),
    trainerCache: join(artifacts, 'trainers.json'),
    status: (id) => join(jobs, `${id}.json`),
    spec: (id) => join(specs, `${id}.json`),
    metricsOf: (id) => join(metrics, `${id}.jsonl`),
    log: (id) => join(logs, `${id}.log`),
    exit: (id) => join(exits, `${id}.json`),
    output: (id) => join(outputs, id),
    provenance: (id) => join(provenances, `${id}.json`),
    evaluation: (id) => join(evaluations, `${id}.json`),
  };
}

/** The files of a job with fixed names: all but its models and outputs. All are absolute; most jobs do not have all of them. */
export function namedFilesOfJob(home: Home, id: string): string[] {
  return [
    home.status(id),
    home.spec(id),
    home.metricsOf(id),
    home.log(id),
    `${home.log(id)}.1`,
    home.exit(id),
    home.provenance(id),
    home.evaluation(id),
    // Reserved by a supervisor for its exit file; left over if the supervisor was killed.
    join(home.staging, `${id}.exit`),
    // Read and removed by the supervisor; left over if it was killed.
    join(home.staging, `${id}.memory`),
  ];
}

/** Creates every missing folder of `home`, for its owner only. */
export function makeFolders(home: Home): void {
  const folders = [
    home.jobs,
    home.staging,
    home.specs,
    home.metrics,
    home.logs,
    home.exits,
    home.outputs,
    home.provenances,
    home.evaluations,
  ];
  for (const folder of [...folders, home.models, home.datasets]) mkdirSync(folder, { recursive: true, mode: 0o700 });
}
