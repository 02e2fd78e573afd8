import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import type { Api } from '../api/create-api.ts';
import { READ_TRAINERS } from '../api/operations/trainers.ts';
import { readDuration, readNumber } from '../flags/values.ts';
import { UsageError } from '../usage-error.ts';
import { type Action, type AddCommand, collect, examples } from './command.ts';
import { apiFor, type CommonFlags } from './context.ts';
import { startJob } from './start-job.ts';

interface RunFlags extends CommonFlags {
  readonly name?: string;
  readonly tag?: readonly string[];
  readonly processes?: number;
  readonly gpus?: number;
  readonly timeLimit?: number;
  readonly detach?: boolean;
}

/** `trainyard run` */
export const addRun: AddCommand = (program, run) => {
  program
    .command('run')
    .description('run a script of the trainers folder as a job, and watch it')
    .argument('<script>', 'name of a trainer, or path of a script in the trainers folder')
    .argument('[arguments...]', 'arguments of the script, passed on unchanged')
    .passThroughOptions()
    .option('-n, --name <text>', 'a name for the job')
    .option('-t, --tag <word>', 'a tag to find the job by; may be repeated', collect)
    .option('--processes <n>', 'number of processes that train together, started by torchrun', (text) =>
      readNumber('--processes', text, { whole: true, least: 1 }),
    )
    .option('--gpus <n>', 'number of exclusive GPUs; 0 hides all GPUs', (text) =>
      readNumber('--gpus', text, { whole: true, least: 0 }),
    )
    .option('--time-limit <duration>', 'stop the job after this time, for example 90s, 30m, 2h', (text) =>
      readDuration('--time-limit', text),
    )
    .option('-d, --detach', 'start the job, and do not watch it')
    .addHelpText(
      'after',
      examples(
        ['trainyard run trainers/train.py --lr 0.1', 'run a script with its own arguments, and watch it'],
        ['trainyard run --name first -d train --epochs 20', 'flags before the script belong to the job'],
        ['trainyard run --processes 2 ddp', 'two processes, started by torchrun'],
      ),
    )
    .action(run(runScript));
};

const runScript: Action<RunFlags, [script: string, args: readonly string[]]> = async (context, flags, script, args) => {
  const { screen, environment } = context;
  const api = apiFor(flags, context);
  const trainer = trainerOf(script, environment);
  if (isPath(script)) await checkTrainer(trainer, script, api);
  const input = {
    trainer,
    arguments: [...args],
    name: flags.name,
    tags: flags.tag && [...flags.tag],
    processes: flags.processes,
    gpus: flags.gpus,
    timeLimitSeconds: flags.timeLimit,
  };
  const given = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
  return startJob(
    {
      api,
      input: given,
      flags,
      watch: flags.detach !== true,
      // The output of a user's own script, as in a terminal.
      log: 'ALL',
      announce: (id) => `${screen.style('bold', 'Running')} ${script} as ${id} at ${api.url}`,
    },
    context,
  );
};

/**
 * The trainer that a name or a path means. A path must lead into the trainers folder of this terminal's settings: the server would
 * otherwise run another script of the same name.
 * @throws UsageError
 */
export function trainerOf(script: string, environment: NodeJS.ProcessEnv): string {
  if (!isPath(script)) return script;
  const given = resolve(script);
  if (!existsSync(given)) throw new UsageError(`${script} does not exist.`);
  const path = basename(given) === '__main__.py' ? dirname(given) : given;
  const folder = resolve(
    environment['TRAINYARD_TRAINERS'] || resolve(environment['TRAINYARD_HOME'] || process.cwd(), 'trainers'),
  );
  if (existsSync(folder) && realpathSync(dirname(path)) === realpathSync(folder)) return basename(path, '.py');
  throw new UsageError(
    `${script} is not directly in the trainers folder ${folder}. Copy it there, or start the server with TRAINYARD_TRAINERS set to the folder of your scripts.`,
  );
}

function isPath(script: string): boolean {
  return script.includes('/') || script.endsWith('.py');
}

/**
 * Checks that a name means the script of a path, and not a trainer of Trainyard.
 * @throws UsageError
 */
async function checkTrainer(name: string, script: string, api: Api): Promise<void> {
  const { trainers } = await api.request(READ_TRAINERS, {});
  if (trainers.some((trainer) => trainer.name === name && trainer.source === 'SHIPPED')) {
    throw new UsageError(`${name} is the name of a trainer of Trainyard: rename ${script}.`);
  }
}
