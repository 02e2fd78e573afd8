import type { Backend, JobTemplateFragment, StartTrainingInput } from '../graphql/graphql.ts';
import { type OptionSchema, readOption, writeOption } from './option-schema.ts';

/** An invalid value in the form, with the name of its field. */
export class FormError extends Error {
  readonly field: string;
  constructor(field: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.field = field;
  }
}

/**
 * Reads the form as input of `startTraining`. Empty fields select the trainer's defaults. A field that still shows the value of the template
 * keeps this value exactly: a line of text cannot express every list and text.
 * @param dataset null if the trainer gets none
 * @param template the job that the form was filled from
 * @throws FormError when an option cannot be parsed
 */
export function readForm(
  form: FormData,
  trainer: string,
  dataset: string | null,
  schema: Readonly<Record<string, OptionSchema>>,
  template: JobTemplateFragment | null,
): StartTrainingInput {
  const text = (name: string) => {
    const value = form.get(name);
    return typeof value === 'string' ? value.trim() : '';
  };
  const shows = (name: string, written: string) => text(name) === written.replaceAll(/[\r\n]/g, '').trim();
  const number = (name: string) => (text(name) === '' ? null : Number(text(name)));
  const tags = text('tags')
    .split(',')
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '');
  const earlier = (template?.trainer === trainer ? template.options : {}) as Readonly<Record<string, unknown>>;
  const options: Record<string, unknown> = {};
  for (const [name, option] of Object.entries(schema)) {
    if (Object.hasOwn(earlier, name) && shows(`option.${name}`, writeOption(earlier[name]))) {
      options[name] = earlier[name];
      continue;
    }
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
    tags: template && shows('tags', template.tags.join(', ')) ? template.tags : tags,
    name: text('name') || null,
    epochs: number('epochs'),
    batchSize: number('batchSize'),
    learningRate: number('learningRate'),
    seed: number('seed'),
    backend: (text('backend') || 'AUTO') as Backend,
    ...(text('arguments') !== '' && {
      arguments:
        template && shows('arguments', writeArguments(template.arguments))
          ? template.arguments
          : readArguments(text('arguments')),
    }),
    processes: number('processes'),
    priority: number('priority'),
    group: text('group') || null,
    gpus: number('gpus'),
    resources: readResources(form, template),
    timeLimitSeconds: number('timeLimitSeconds'),
    stallLimitSeconds: number('stallLimitSeconds'),
    // The form has no fields for the reasons and the backoff.
    ...(text('retries') !== '' && {
      retry: {
        limit: Number(text('retries')),
        ...(template?.retry && { on: template.retry.on, backoffSeconds: template.retry.backoffSeconds }),
      },
    }),
  };
}

/** The fields of the form, together with the other values of the template; null if nothing is left. */
function readResources(form: FormData, template: JobTemplateFragment | null): StartTrainingInput['resources'] {
  const text = (name: string) => {
    const value = form.get(name);
    return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
  };
  const number = (name: string) => (text(name) === null ? null : Number(text(name)));
  const { cpus, memoryMb, partition, gpuType } = {
    cpus: number('cpus'),
    memoryMb: number('memoryMb'),
    partition: text('partition'),
    gpuType: text('gpuType'),
  };
  const resources = { ...template?.resources, cpus, memoryMb, partition, gpuType };
  return Object.values(resources).some((value) => value !== null) ? resources : null;
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
  if (first === 'resources' && second !== undefined) return second;
  return first === 'retry' ? 'retries' : first;
}
