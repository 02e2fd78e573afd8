import { parseArgs } from 'node:util';
import { readChoice, readNumber, readOption } from '../../src/cli/flags/values.ts';
import { UsageError } from '../../src/cli/usage-error.ts';

/** Flags of the demo; null selects the default of the server and its trainer. */
export interface DemoFlags {
  /** End after the training, with an exit code for its outcome, instead of serving until Ctrl-C. */
  readonly once: boolean;
  readonly help: boolean;
  readonly port: number | null;
  /** A path, or a name under `datasets/`. */
  readonly dataset: string | null;
  readonly name: string | null;
  readonly backend: 'AUTO' | 'TORCH' | 'SIMULATION' | null;
  readonly epochs: number | null;
  readonly batchSize: number | null;
  readonly learningRate: number | null;
  readonly seed: number | null;
  readonly options: Readonly<Record<string, unknown>> | null;
}

/** The output of `npm run demo -- --help`. */
export const DEMO_HELP = `Trains a model through the API and shows it live, then keeps serving until Ctrl-C.

  npm run demo                                             the included sample
  npm run demo -- --dataset mine.csv                       your table (CSV, TSV or JSONL, also .gz)
  npm run demo -- --dataset mine.csv --option target=price --epochs 50
  npm run demo -- --option 'hidden=[64,32]' --option device=cpu --learning-rate 0.001
  npm run demo -- --once                                   exit after the training

  --dataset PATH         a file, copied to datasets/ if necessary; or the name of a file in datasets/
  --epochs N             number of passes over the data
  --batch-size N         rows per optimizer step
  --learning-rate X      step size of the optimizer
  --seed N               the same seed gives the same results
  --option KEY=VALUE     a trainer option; may be repeated; VALUE is JSON or text
  --backend B            AUTO (default), TORCH or SIMULATION
  --name TEXT            a name for the job
  --port N               port of the server (default: TRAINYARD_PORT, else 4000 or a free one)
  --once                 exit code 0 when the training completed, 1 when it did not
  --help                 print this help

The trainer has a default for every training flag.`;

const BACKENDS = ['AUTO', 'TORCH', 'SIMULATION'] as const;

/**
 * Parses the command line. Checks only the syntax: the server validates the values.
 * @throws UsageError
 */
export function parseDemoFlags(args: readonly string[]): DemoFlags {
  const { values } = parse(args);
  const number = (flag: 'port' | 'epochs' | 'batch-size' | 'learning-rate' | 'seed', bounds: object) =>
    values[flag] === undefined ? null : readNumber(`--${flag}`, values[flag], bounds);
  return {
    once: values.once ?? false,
    help: values.help ?? false,
    port: number('port', { whole: true, least: 0, most: 65_535 }),
    dataset: values.dataset ?? null,
    name: values.name ?? null,
    backend: values.backend === undefined ? null : readChoice('--backend', values.backend, BACKENDS),
    epochs: number('epochs', { whole: true }),
    batchSize: number('batch-size', { whole: true }),
    learningRate: number('learning-rate', {}),
    seed: number('seed', { whole: true }),
    options: values.option === undefined ? null : Object.fromEntries(values.option.map(readOption)),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        once: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
        port: { type: 'string' },
        dataset: { type: 'string' },
        name: { type: 'string' },
        backend: { type: 'string' },
        epochs: { type: 'string' },
        'batch-size': { type: 'string' },
        'learning-rate': { type: 'string' },
        seed: { type: 'string' },
        option: { type: 'string', multiple: true },
      },
    });
  } catch (error) {
    // Node's message names the flag. Its second half is about positional arguments, which the demo does not have.
    const [message = ''] = (error as Error).message.split(/\.? To specify a positional|\nDid you forget/);
    throw new UsageError(message.replace(/\.?$/, '.'), { cause: error });
  }
}
