import { parseArgs } from 'node:util';
import { readChoice, readNumber, readOption } from '../../src/cli/flags/values.ts';
import { UsageError } from '../../src/cli/usage-error.ts';

/** What the demo was asked to do; null leaves the choice to the server and its trainer. */
export interface DemoFlags {
  /** End after the training, with its outcome as exit code, instead of serving on. */
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

/** What `npm run demo -- --help` prints. */
export const DEMO_HELP = `Trains a model through the API and shows it live, then keeps serving until Ctrl-C.

  npm run demo                                             the shipped sample
  npm run demo -- --dataset mine.csv                       your table (CSV, TSV or JSONL, also .gz)
  npm run demo -- --dataset mine.csv --option target=price --epochs 50
  npm run demo -- --option 'hidden=[64,32]' --option device=cpu --learning-rate 0.001
  npm run demo -- --once                                   end when the training has ended

  --dataset PATH         a file, copied into datasets/ if it is not there yet; or a name in datasets/
  --epochs N             passes over the data
  --batch-size N         rows an optimizer step
  --learning-rate X      step size of the optimizer
  --seed N               the same seed gives the same numbers
  --option KEY=VALUE     an option of the trainer; may be given several times; VALUE is JSON or text
  --backend B            AUTO (default), TORCH or SIMULATION
  --name TEXT            a name for the job
  --port N               port of the server (default: TRAINYARD_PORT, else 4000 or a free one)
  --once                 exit code 0 when the training completed, 1 when it did not
  --help                 this page

What is left out has the trainer's own default.`;

const BACKENDS = ['AUTO', 'TORCH', 'SIMULATION'] as const;

/**
 * Reads the command line. Only its form is checked here: the server knows which values make sense.
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
    // Node's sentences name the flag; their second half is about positional arguments, which there are none of.
    const [sentence = ''] = (error as Error).message.split(/\.? To specify a positional|\nDid you forget/);
    throw new UsageError(sentence.replace(/\.?$/, '.'), { cause: error });
  }
}
