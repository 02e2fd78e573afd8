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
 * @throws FormError when an option cannot be parsed
 */
export function readForm(
  form: FormData,
  trainer: string,
  dataset: string,
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
    backend: text('backend') as Backend,
    priority: number('priority'),
    gpus: number('gpus'),
    timeLimitSeconds: number('timeLimitSeconds'),
    ...(text('retries') !== '' && { retry: { limit: Number(text('retries')) } }),
  };
}

/** The form field for the path of an input error: `["input", "options", "hidden"]` is `option.hidden`. */
export function fieldName([, first = '', second]: readonly string[]): string {
  if (first === 'options' && second !== undefined) return `option.${second}`;
  return first === 'retry' ? 'retries' : first;
}
