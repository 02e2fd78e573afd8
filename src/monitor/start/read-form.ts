import { writeOption } from '../../client/job-settings.ts';
import type { Backend, DependencyCondition, JobTemplateFragment, StartTrainingInput } from '../graphql/graphql.ts';
import { readArguments, writeArguments } from './arguments.ts';
import { FormError } from './form-error.ts';
import { type OptionSchema, readOption } from './option-schema.ts';

/** Hidden fields with this name list the fields whose text is the value itself: a name may contain commas, which separate values elsewhere. */
export const EXACT_FIELD = 'exact';

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
  const exact = form.getAll(EXACT_FIELD);
  const options: Record<string, unknown> = {};
  for (const [name, option] of Object.entries(schema)) {
    if (exact.includes(`option.${name}`)) {
      const value = form.get(`option.${name}`);
      if (value !== '') options[name] = value;
      continue;
    }
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
    dependsOn: readDependencies(form),
    notBefore: text('notBefore') === '' ? null : new Date(text('notBefore')).toISOString(),
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

/** The rows of the form in which a job is chosen; null without any. */
function readDependencies(form: FormData): StartTrainingInput['dependsOn'] {
  const conditions = form.getAll('dependsOn.when') as DependencyCondition[];
  const chosen = form
    .getAll('dependsOn.id')
    .map((id, index) => ({ id: typeof id === 'string' ? id : '', when: conditions[index] ?? 'AFTER_OK' }))
    .filter(({ id }) => id !== '');
  return chosen.length === 0 ? null : chosen;
}

const RESOURCE_NUMBERS = ['cpus', 'memoryMb', 'nodes', 'timeLimitSeconds'] as const;
const RESOURCE_NAMES = ['partition', 'account', 'qos', 'constraint', 'gpuType'] as const;

/**
 * The fields of the form, together with the other values of the template; null if nothing is left. Names are only those of the form: the
 * server may not allow one of the template any more.
 */
function readResources(form: FormData, template: JobTemplateFragment | null): StartTrainingInput['resources'] {
  const text = (name: string) => {
    const value = form.get(`resources.${name}`);
    return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
  };
  const number = (name: string) => (text(name) === null ? null : Number(text(name)));
  const shown = RESOURCE_NUMBERS.filter((name) => form.has(`resources.${name}`));
  const resources: NonNullable<StartTrainingInput['resources']> = {
    ...template?.resources,
    ...Object.fromEntries(shown.map((name) => [name, number(name)])),
    ...Object.fromEntries(RESOURCE_NAMES.map((name) => [name, text(name)])),
  };
  return Object.values(resources).some((value) => value !== null) ? resources : null;
}

/** The form field for the path of an input error: `["input", "options", "hidden"]` is `option.hidden`. */
export function fieldName([, first = '', second]: readonly string[]): string {
  if (first === 'options' && second !== undefined) return `option.${second}`;
  if (first === 'resources' && second !== undefined) return `resources.${second}`;
  return first === 'retry' ? 'retries' : first;
}
