import { dirname, isAbsolute } from 'node:path';
import { z } from 'zod';
import { hidePaths } from '../job/hide-paths.ts';
import { type Python, PythonError } from './interpreter.ts';
import type { TrainerDescription } from './trainer-description.ts';

const TIMEOUT_MS = 20_000;
/** Long enough that a burst of starts runs Python once, short enough that a `pip install torch` has an effect soon. */
const CACHE_MS = 5_000;

const output = z.object({
  trainers: z.array(
    z.object({
      name: z.string(),
      title: z.string(),
      description: z.string(),
      available: z.boolean(),
      unavailable_reason: z.string().nullable(),
      backends: z.array(z.enum(['TORCH', 'SIMULATION'])),
      // A trainer that cannot be loaded has no defaults.
      defaults: z
        .object({
          epochs: z.number().int(),
          batch_size: z.number().int(),
          learning_rate: z.number(),
          seed: z.number().int(),
        })
        .nullable()
        .catch(null),
      options: z.record(z.string(), z.unknown()),
      versions: z.record(z.string(), z.string()),
    }),
  ),
});

/**
 * Lists the trainers that Python describes; the result is cached for a few seconds. If Python cannot be run, the list is the built-in
 * trainer, unavailable, with the reason.
 */
export function createTrainerCatalogue(python: Python): () => Promise<readonly TrainerDescription[]> {
  let asked = -Infinity;
  let answer: Promise<readonly TrainerDescription[]> | undefined;

  return () => {
    if (!answer || performance.now() - asked > CACHE_MS) {
      asked = performance.now();
      answer = describe(python);
    }
    return answer;
  };
}

async function describe(python: Python): Promise<readonly TrainerDescription[]> {
  try {
    const { trainers } = output.parse(JSON.parse(await python.trainyard(['trainers'], TIMEOUT_MS)));
    return trainers.map(({ unavailable_reason, defaults, ...rest }) => ({
      ...rest,
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

function unavailable(reason: string): TrainerDescription {
  return {
    name: 'tabular',
    title: 'Table',
    description: 'Learns one or more columns of a table from the others.',
    available: false,
    unavailableReason: reason,
    backends: [],
    defaults: null,
    options: {},
    versions: {},
  };
}
