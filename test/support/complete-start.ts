import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { expect } from 'vitest';
import { send } from './api-client.ts';

const FRAGMENT = readFileSync(
  fileURLToPath(new URL('../../src/client/fragments/job-template.graphql', import.meta.url)),
  'utf8',
);

/** A start with a value other than the default in every field, also values that a line of a form cannot express. */
export const COMPLETE_START = {
  name: 'first try',
  tags: ['one,two', 'three'],
  trainer: 'every',
  backend: 'AUTO',
  dataset: 'sample.csv',
  epochs: 3,
  batchSize: 7,
  learningRate: 1e-7,
  seed: 11,
  options: { mode: 'exact', width: 128, note: 'two\nlines, "quoted" ', words: ['a,b', ' c'], fast: true, blank: '' },
  arguments: ['--amp', '', 'two\nlines', "it's"],
  processes: 1,
  priority: 5,
  group: 'nightly',
  gpus: 0,
  resources: {
    cpus: 2,
    memoryMb: 4096,
    gpuType: null,
    nodes: null,
    partition: null,
    account: null,
    qos: null,
    constraint: null,
    timeLimitSeconds: 7200,
  },
  retry: { limit: 2, on: ['SIGNAL', 'TIME_LIMIT'], backoffSeconds: 0.5 },
  timeLimitSeconds: 90.5,
  stallLimitSeconds: 600,
};

/** Adds the script of {@link COMPLETE_START} to a home folder. It ends at once. */
export function addCompleteScript(home: string): void {
  const script = `
import argparse
parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int, default=1)
parser.add_argument("--batch-size", type=int, default=4)
parser.add_argument("--lr", type=float, default=0.1)
parser.add_argument("--seed", type=int, default=0)
parser.add_argument("--data")
parser.add_argument("--mode", choices=["fast", "exact"], default="fast")
parser.add_argument("--width", type=int, default=64)
parser.add_argument("--note", default="none")
parser.add_argument("--words", nargs="+", default=[])
parser.add_argument("--fast", action="store_true")
parser.add_argument("--blank", default="x")
parser.parse_known_args()
`;
  writeFileSync(join(home, 'trainers', 'every.py'), script);
}

/** Everything that a start needs for another job like this one. */
export async function templateOf(url: string, id: string): Promise<object> {
  const query = `query ($id: ID!) { job(id: $id) { ...JobTemplate } }\n${FRAGMENT}`;
  const { data, errors } = await send<{ job: object }>(url, query, { id });
  expect(errors).toBeUndefined();
  return data?.job ?? {};
}
