import type { Backend, StartTrainingInput } from '../graphql/graphql.ts';
import { type OptionSchema, readOption } from './option-schema.ts';

/** An invalid value in the form, with the name of its field. */
export class FormError extends Error {
  readonly field: string;
  constructor(field: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.field = field;
  }
}

/**
 * Reads the form as input of `startTraining`. Empty fields select the trainer's defaults.
 * @param dataset null if the trainer gets none
 * @throws FormError when an option cannot be parsed
 */
export function readForm(
  form: FormData,
  trainer: string,
  dataset: string | null,
  schema: Readonly<Record<string, OptionSchema>>,
): StartTrainingInput {
  const text = (name: string) => {
    const value = form.get(name);
    return typeof value === 'string' ? value.trim() : '';
  };
  const number = (name: string) => (text(name) === '' ? null : Number(text(name)));
  const tags = text('tags')
    .split(',')
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '');
  const options: Record<string, unknown> = {};
  for (const [name, option] of Object.entries(schema)) {
    try {
      const value = readOption(option, text(`option.${name}`));
      if (value !== undefined) options[name] = value;
    } catch (error) {
      throw new FormError(`option.${name}`, 'Not valid JSON. Write text as "text", and a list as [1, 2].', {
        cause: error,
      });
    }
  }
  return {
    trainer,
    dataset,
    options,
    tags,
    name: text('name') || null,
    epochs: number('epochs'),
    batchSize: number('batchSize'),
    learningRate: number('learningRate'),
    seed: number('seed'),
    backend: (text('backend') || 'AUTO') as Backend,
    ...(text('arguments') !== '' && { arguments: readArguments(text('arguments')) }),
    processes: number('processes'),
    priority: number('priority'),
    gpus: number('gpus'),
    timeLimitSeconds: number('timeLimitSeconds'),
    ...(text('retries') !== '' && { retry: { limit: Number(text('retries')) } }),
  };
}

/**
 * Splits a line into arguments as a shell does: at spaces, except between quotes. Nothing is expanded.
 * @throws FormError when a quote is not closed
 */
export function readArguments(line: string): string[] {
  const parts = line.matchAll(/(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*')+|["'\\]/gs);
  return [...parts].map(([part]) => {
    if (part === '"' || part === "'" || part === '\\') {
      throw new FormError('arguments', 'A quote is not closed. Write an argument with spaces as "like this".');
    }
    return part.replaceAll(
      /"((?:[^"\\]|\\.)*)"|'([^']*)'|\\(.)/gs,
      (_, double?: string, single?: string, escaped?: string) =>
        double === undefined ? (single ?? escaped ?? '') : double.replaceAll(/\\(["\\])/g, '$1'),
    );
  });
}

/** Writes arguments as a line that {@link readArguments} reads. */
export function writeArguments(all: readonly string[]): string {
  return all
    .map((argument) => (/^[^\s"'\\]+$/.test(argument) ? argument : `'${argument.replaceAll("'", `'\\''`)}'`))
    .join(' ');
}

/** The form field for the path of an input error: `["input", "options", "hidden"]` is `option.hidden`. */
export function fieldName([, first = '', second]: readonly string[]): string {
  if (first === 'options' && second !== undefined) return `option.${second}`;
  return first === 'retry' ? 'retries' : first;
}
