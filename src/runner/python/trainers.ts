import { dirname, isAbsolute } from 'node:path';
import { z } from 'zod';
import { hidePaths } from '../job/hide-paths.ts';
import { STANDARD_SETTINGS, type StandardSetting } from '../job/request.ts';
import { type Python, PythonError } from './interpreter.ts';
import { TRAINER_SOURCES, type TrainerDescription } from './trainer-description.ts';
import { signatureOf } from './trainers-folder.ts';

/** Bound against hanging: Python takes half a second, but more than 20 s where dozens of processes share a core or a slow file system. */
const TIMEOUT_MS = 60_000;
/** Long enough that a burst of starts runs Python once, short enough that a `pip install torch` has an effect soon. */
const CACHE_MS = 5_000;

// A script may have any default. One that the API cannot express counts as none: the script still uses it.
const whole = z.int32().nonnegative().nullable().catch(null);

const trainer = z.object({
  name: z.string(),
  source: z.enum(TRAINER_SOURCES),
  title: z.string(),
  description: z.string(),
  available: z.boolean(),
  unavailable_reason: z.string().nullable(),
  backends: z.array(z.enum(['TORCH', 'SIMULATION'])),
  settings: z.array(z.string()),
  accepts_arguments: z.boolean(),
  // A trainer that cannot be loaded has no defaults.
  defaults: z
    .object({
      epochs: whole,
      batch_size: whole,
      learning_rate: z.number().nullable().catch(null),
      seed: whole,
    })
    .nullable()
    .catch(null),
  options: z.record(z.string(), z.unknown()),
  versions: z.record(z.string(), z.string()),
});

const output = z.object({ trainers: z.array(trainer), prediction: trainer });

/**
 * Lists the trainers that Python describes. The result is cached for a few seconds, unless a script in the trainers folder changes.
 * If Python cannot be run, the list is the built-in trainer, unavailable, with the reason.
 * @param folder the trainers folder
 * @param cacheFile where Python caches the descriptions of scripts, so that it parses only changed ones
 */
export function createTrainerCatalogue(
  python: Python,
  folder: string,
  cacheFile: string,
): () => Promise<readonly TrainerDescription[]> {
  let asked = -Infinity;
  let signature = '';
  let answer: Promise<readonly TrainerDescription[]> | undefined;

  return async () => {
    const current = await signatureOf(folder);
    if (!answer || current !== signature || performance.now() - asked > CACHE_MS) {
      asked = performance.now();
      signature = current;
      answer = describe(python, folder, cacheFile);
    }
    return answer;
  };
}

async function describe(
  python: Python,
  folder: string,
  cacheFile: string,
): Promise<readonly TrainerDescription[]> {
  try {
    const { trainers, prediction } = output.parse(
      JSON.parse(await python.trainyard(['trainers', '--folder', folder, '--cache', cacheFile], TIMEOUT_MS)),
    );
    const all = [...trainers.map((one) => ({ ...one, isHidden: false })), { ...prediction, isHidden: true }];
    return all.map(({ unavailable_reason, accepts_arguments, settings, defaults, ...rest }) => ({
      ...rest,
      settings: settings.flatMap((name) => SETTING_NAMES.get(name) ?? []),
      acceptsArguments: accepts_arguments,
      unavailableReason: unavailable_reason === null ? null : hidePaths(unavailable_reason, folderOf(python)),
      defaults: defaults && {
        epochs: defaults.epochs,
        batchSize: defaults.batch_size,
        learningRate: defaults.learning_rate,
        seed: defaults.seed,
      },
    }));
  } catch (error) {
    const reason = error instanceof PythonError ? error.message : `Python at ${python.path} gave no usable answer.`;
    return [unavailable(hidePaths(reason, folderOf(python)))];
  }
}

/** The folder of the interpreter; undefined for a name that is looked up on the PATH. */
function folderOf({ path }: Python): string | undefined {
  return isAbsolute(path) ? dirname(path) : undefined;
}

/** The standard settings by their names in files. */
const SETTING_NAMES: ReadonlyMap<string, StandardSetting> = new Map(
  STANDARD_SETTINGS.map((name) => [name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), name]),
);

function unavailable(reason: string): TrainerDescription {
  return {
    name: 'tabular',
    source: 'SHIPPED',
    title: 'Table',
    description: 'Learns one or more columns of a table from the others.',
    available: false,
    unavailableReason: reason,
    backends: [],
    settings: STANDARD_SETTINGS,
    acceptsArguments: false,
    defaults: null,
    options: {},
    versions: {},
  };
}
