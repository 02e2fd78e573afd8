import { readFileSync } from 'node:fs';
import type { Api } from '../api/create-api.ts';
import { findJobId, JOB_REFERENCE } from '../api/job-reference.ts';
import { readChoice, readDuration, readFutureTime, readNumber, readOption } from '../flags/values.ts';
import type { DependencyInput, FailureReason, StartTrainingInput } from '../graphql/graphql.ts';
import { UsageError } from '../usage-error.ts';
import { type AddCommand, type Action, collect, examples } from './command.ts';
import { apiFor, type CommonFlags } from './context.ts';
import { findTemplate, likeJob } from './like-job.ts';
import { startJob } from './start-job.ts';

/** The flags of `start`. The trainer has defaults for missing ones. */
export interface StartFlags extends CommonFlags {
  readonly like?: string;
  readonly name?: string;
  readonly tag?: readonly string[];
  readonly trainer?: string;
  readonly backend?: StartTrainingInput['backend'];
  readonly dataset?: string;
  readonly epochs?: number;
  readonly batchSize?: number;
  readonly learningRate?: number;
  readonly seed?: number;
  readonly target?: string;
  readonly option?: readonly string[];
  readonly options?: string;
  readonly argument?: readonly string[];
  readonly processes?: number;
  readonly priority?: number;
  readonly after?: readonly string[];
  readonly afterEnd?: readonly string[];
  readonly afterFailure?: readonly string[];
  readonly group?: string;
  readonly notBefore?: string;
  readonly gpus?: number;
  readonly cpus?: number;
  readonly memory?: number;
  readonly nodes?: number;
  readonly gpuType?: string;
  readonly partition?: string;
  readonly account?: string;
  readonly qos?: string;
  readonly constraint?: string;
  readonly wallTime?: number;
  readonly retries?: number;
  readonly retryOn?: readonly string[];
  readonly retryBackoff?: number;
  readonly timeLimit?: number;
  readonly stallLimit?: number;
  readonly idempotencyKey?: string;
  readonly watch?: boolean;
}

const BACKENDS = ['AUTO', 'TORCH', 'SIMULATION'] as const;
const REASONS: readonly FailureReason[] = [
  'EXIT_NONZERO',
  'HOST_REBOOT',
  'INVALID_DATASET',
  'NODE_FAIL',
  'OUT_OF_MEMORY',
  'PREEMPTED',
  'SIGNAL',
  'SPAWN_FAILED',
  'START_TIMEOUT',
  'TIME_LIMIT',
  'TRAINER_ERROR',
  'VANISHED',
];

const whole = (flag: string) => (text: string) => readNumber(flag, text, { whole: true });
const seconds = (flag: string) => (text: string) => readDuration(flag, text);

/** `trainyard start` */
export const addStart: AddCommand = (program, run) => {
  program
    .command('start')
    .description('start a training; the trainer has a default for every flag')
    .option('--like <job>', `start another job like this one, with the other flags changed: ${JOB_REFERENCE}`)
    .option('-d, --dataset <name>', "a file in the server's datasets/ (default: the included sample)")
    .option('--target <column>', 'the column to predict: the same as --option target=<column> (default: the last one)')
    .option('-n, --name <text>', 'a name for the job')
    .option('-t, --tag <word>', 'a tag to find the job by; may be repeated', collect)
    .option('-e, --epochs <n>', 'number of passes over the training data', whole('--epochs'))
    .option('-b, --batch-size <n>', 'rows per optimizer step', whole('--batch-size'))
    .option('-l, --learning-rate <x>', 'step size of the optimizer', (text) => readNumber('--learning-rate', text))
    .option('-s, --seed <n>', 'the same seed gives the same results', whole('--seed'))
    .option(
      '-o, --option <key=value>',
      'a trainer option; the value is JSON or text; may be repeated',
      (text, previous?: readonly string[]) => [...(previous ?? []), text],
    )
    .option('--options <file>', 'a JSON file of trainer options; --option overrides it')
    .option('--trainer <name>', 'the trainer, see `trainyard trainers` (default: tabular)')
    .option(
      '--argument <text>',
      'a command-line argument of a script, for example --argument=--amp; may be repeated',
      (text, previous?: readonly string[]) => [...(previous ?? []), text],
    )
    .option('--processes <n>', 'number of processes that train together; scripts only', whole('--processes'))
    .option('--backend <b>', 'auto, torch or simulation', (text) => readChoice('--backend', text, BACKENDS))
    .option('--priority <n>', 'higher values start first, -1000 to 1000', whole('--priority'))
    .option('--after <job>', 'start after this job has completed; may be repeated', collect)
    .option('--after-end <job>', 'start after this job has ended in any way; may be repeated', collect)
    .option('--after-failure <job>', 'start after this job has failed; may be repeated', collect)
    .option('--group <name>', 'a group of jobs, which can be limited and paused')
    .option('--not-before <time>', 'start at this time at the earliest, for example 2h or 2026-01-31T22:00', (text) =>
      readFutureTime('--not-before', text),
    )
    .option('--gpus <n>', 'number of exclusive GPUs; 0 hides all GPUs', whole('--gpus'))
    .option('--cpus <n>', 'number of CPUs on each node, or of threads on one machine', whole('--cpus'))
    .option('--memory <MiB>', 'memory on each node, or the limit of each process on one machine', whole('--memory'))
    .option('--nodes <n>', 'number of nodes of the cluster; scripts only', whole('--nodes'))
    .option('--gpu-type <name>', 'kind of GPU, on a cluster')
    .option('--partition <name>', 'partition of the cluster')
    .option('--account <name>', 'account of the cluster')
    .option('--qos <name>', 'quality of service of the cluster')
    .option('--constraint <features>', 'features that the nodes must have')
    .option(
      '--wall-time <duration>',
      'hold the resources at most this long; saves a checkpoint before',
      seconds('--wall-time'),
    )
    .option(
      '--time-limit <duration>',
      'stop the job after this time, for example 90s, 30m, 2h',
      seconds('--time-limit'),
    )
    .option('--stall-limit <duration>', 'stop the job when it makes no report for this time', seconds('--stall-limit'))
    .option('--retries <n>', 'maximum number of automatic retries after a failure', whole('--retries'))
    .option('--retry-on <reason>', `retry only after these failures: ${REASONS.join(', ')}`, collect)
    .option(
      '--retry-backoff <duration>',
      'delay before the first retry; it doubles each time',
      seconds('--retry-backoff'),
    )
    .option('--idempotency-key <text>', 'a repeated key returns the same job')
    .option('-w, --watch', 'follow the job until it ends')
    .addHelpText(
      'after',
      examples(
        ['trainyard start --watch', 'train on the included sample, and watch'],
        ['trainyard start -d houses.csv --target price -e 50', 'predict a column of a table in datasets/'],
        ["trainyard start -o 'hidden=[64,32]' -l 0.001 --tag wide", 'a network with two hidden layers'],
        ['trainyard start --retries 3 --retry-on signal,out_of_memory', 'retry when the process is killed'],
        ['trainyard start --trainer train -o lr=0.1', 'a script in trainers/, with an option of its own'],
        ['trainyard start --after @last', 'when the newest job has completed'],
        ['trainyard start --like @last --seed 1', 'the newest job again, with another seed'],
        ['trainyard start --json | jq -r .id', 'print only the id, for scripts'],
      ),
    )
    .action(run(start));
};

const start: Action<StartFlags> = async (context, flags) => {
  const { screen } = context;
  const api = apiFor(flags, context);
  if (flags.like !== undefined && flags.trainer !== undefined) {
    throw new UsageError('--like takes the trainer of that job: leave --trainer out.');
  }
  const dependsOn = await readDependencies(api, flags);
  const given = { ...startInput(flags), ...(dependsOn.length > 0 && { dependsOn }) };
  return startJob(
    {
      api,
      input: flags.like === undefined ? given : likeJob(await findTemplate(api, flags.like), given),
      flags,
      watch: flags.watch === true,
      log: 'NEWEST',
      announce: (id) => `${screen.style('bold', 'Training')} ${id} at ${api.url}`,
    },
    context,
  );
};

/**
 * Converts the flags to the input of `startTraining`.
 * @throws UsageError
 */
export function startInput(flags: StartFlags): StartTrainingInput {
  const input: StartTrainingInput = {
    name: flags.name,
    tags: flags.tag && [...flags.tag],
    trainer: flags.trainer,
    backend: flags.backend,
    dataset: flags.dataset,
    epochs: flags.epochs,
    batchSize: flags.batchSize,
    learningRate: flags.learningRate,
    seed: flags.seed,
    options: readOptions(flags),
    arguments: flags.argument && [...flags.argument],
    processes: flags.processes,
    priority: flags.priority,
    group: flags.group,
    notBefore: flags.notBefore,
    gpus: flags.gpus,
    resources: readResources(flags),
    retry: readRetry(flags),
    timeLimitSeconds: flags.timeLimit,
    stallLimitSeconds: flags.stallLimit,
    idempotencyKey: flags.idempotencyKey,
  };
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
}

/** The jobs of `--after`, `--after-end` and `--after-failure`. @throws ApiError when a reference matches no job */
async function readDependencies(api: Api, flags: StartFlags): Promise<DependencyInput[]> {
  const references = [
    ...(flags.after ?? []).map((reference) => [reference, 'AFTER_OK'] as const),
    ...(flags.afterEnd ?? []).map((reference) => [reference, 'AFTER_END'] as const),
    ...(flags.afterFailure ?? []).map((reference) => [reference, 'AFTER_FAILURE'] as const),
  ];
  return Promise.all(references.map(async ([reference, when]) => ({ id: await findJobId(api, reference), when })));
}

function readOptions({
  options: file,
  option = [],
  target,
}: StartFlags): Readonly<Record<string, unknown>> | undefined {
  if (file === undefined && option.length === 0 && target === undefined) return undefined;
  return {
    ...(file === undefined ? {} : readOptionsFile(file)),
    ...Object.fromEntries(option.map(readOption)),
    ...(target === undefined ? {} : { target }),
  };
}

function readOptionsFile(file: string): object {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UsageError(`--options ${file} cannot be read: ${(error as Error).message}.`, { cause: error });
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new UsageError(`--options ${file} must contain a JSON object, for example { "hidden": [64, 32] }.`);
}

function readResources(flags: StartFlags): StartTrainingInput['resources'] | undefined {
  const { cpus, memory, nodes, gpuType, partition, account, qos, constraint, wallTime } = flags;
  const given = {
    cpus,
    memoryMb: memory,
    nodes,
    gpuType,
    partition,
    account,
    qos,
    constraint,
    timeLimitSeconds: wallTime,
  };
  const entries = Object.entries(given).filter(([, value]) => value !== undefined);
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

function readRetry({ retries, retryOn, retryBackoff }: StartFlags): StartTrainingInput['retry'] | undefined {
  if (retries === undefined) {
    if (retryOn === undefined && retryBackoff === undefined) return undefined;
    throw new UsageError('--retry-on and --retry-backoff need --retries, the maximum number of retries.');
  }
  return {
    limit: retries,
    ...(retryOn === undefined ? {} : { on: retryOn.map((reason) => readChoice('--retry-on', reason, REASONS)) }),
    ...(retryBackoff === undefined ? {} : { backoffSeconds: retryBackoff }),
  };
}
