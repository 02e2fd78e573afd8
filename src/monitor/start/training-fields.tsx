import type { Backend, JobTemplateFragment, StartOptionsQuery } from '../graphql/graphql.ts';
import { Field, NumberField } from './field.tsx';
import { writeArguments } from './read-form.ts';

type Template = JobTemplateFragment | null;
type Trainer = StartOptionsQuery['trainers'][number];
type ErrorFor = (field: string) => string | null;

/** Fields of a training: the standard settings that the trainer accepts, arguments of a script, name, tags. */
export function TrainingFields({
  template,
  trainer,
  errorFor,
}: {
  template: Template;
  trainer: Trainer | undefined;
  errorFor: ErrorFor;
}) {
  const has = (setting: Trainer['settings'][number]) => trainer?.settings.includes(setting) ?? false;
  const number = (name: 'epochs' | 'batchSize' | 'learningRate' | 'seed', label: string, hint: string, min: number) => (
    <NumberField
      name={name}
      label={label}
      hint={hint}
      min={min}
      isWhole={name !== 'learningRate'}
      placeholder={String(trainer?.defaults?.[name] ?? '')}
      defaultValue={template?.[name]}
      error={errorFor(name)}
    />
  );
  return (
    <div className="start-fields">
      {has('EPOCHS') && number('epochs', 'Epochs', 'Maximum number of passes over the training data.', 1)}
      {has('LEARNING_RATE') && number('learningRate', 'Learning rate', 'Step size of the optimizer.', 0)}
      {has('BATCH_SIZE') && number('batchSize', 'Batch size', 'Rows per optimizer step.', 1)}
      {has('SEED') && number('seed', 'Seed', 'The same seed gives the same results.', 0)}
      {trainer?.acceptsArguments === true && (
        <Field
          name="arguments"
          label="Arguments"
          hint="Optional, as on a command line: --amp --note 'two words'."
          defaultValue={template && writeArguments(template.arguments)}
          error={errorFor('arguments')}
        />
      )}
      <Field
        name="name"
        label="Name"
        hint="Optional"
        maxLength={200}
        defaultValue={template?.name}
        error={errorFor('name')}
      />
      <Field
        name="tags"
        label="Tags"
        hint="Optional, separated by commas."
        defaultValue={template?.tags.join(', ')}
        error={errorFor('tags')}
      />
    </div>
  );
}

const BACKEND_NAMES: Readonly<Record<Backend, string>> = {
  AUTO: 'PyTorch if installed, else simulation (default)',
  TORCH: 'PyTorch only (fails if missing)',
  SIMULATION: 'Simulation (no real training, no model)',
};

/** Backend, resources, limits and retries of a training. */
export function LimitFields({
  trainer,
  template,
  errorFor,
}: {
  trainer: Trainer | undefined;
  template: Template;
  errorFor: ErrorFor;
}) {
  const limit = (
    name: string,
    label: string,
    hint: string,
    min: number,
    placeholder: string,
    value: number | null | undefined,
  ) => (
    <NumberField
      name={name}
      label={label}
      hint={hint}
      min={min}
      isWhole={!name.endsWith('Seconds')}
      placeholder={placeholder}
      defaultValue={value}
      error={errorFor(name)}
    />
  );
  const named = (name: string, label: string, value: string | null | undefined) => (
    <Field
      name={name}
      label={label}
      hint="On a cluster; your administrator lists the names."
      placeholder="default"
      defaultValue={value ?? undefined}
      error={errorFor(name)}
    />
  );
  return (
    <div className="start-fields">
      {trainer && trainer.backends.length > 0 && (
        <label className="field">
          <span>Backend</span>
          <select name="backend" defaultValue={template?.backend ?? 'AUTO'}>
            {(['AUTO', ...trainer.backends] as const).map((backend) => (
              <option key={backend} value={backend}>
                {BACKEND_NAMES[backend]}
              </option>
            ))}
          </select>
        </label>
      )}
      {trainer?.acceptsArguments === true &&
        limit('processes', 'Processes', 'Train together, started by torchrun.', 1, '1', template?.processes)}
      {limit('gpus', 'Exclusive GPUs', '0 hides all GPUs.', 0, 'shared', template?.gpus)}
      {limit('cpus', 'CPUs', 'On one machine: threads of the training.', 1, 'all', template?.resources?.cpus)}
      {limit(
        'memoryMb',
        'Memory (MiB)',
        'On one machine: the limit of each process.',
        16,
        'no limit',
        template?.resources?.memoryMb,
      )}
      {named('partition', 'Partition', template?.resources?.partition)}
      {named('gpuType', 'Kind of GPU', template?.resources?.gpuType)}
      {limit('priority', 'Priority', 'Higher values start first.', -1000, '0', template?.priority)}
      <Field
        name="group"
        label="Group"
        hint="Optional; a group can have a limit and be paused."
        maxLength={64}
        defaultValue={template?.group}
        error={errorFor('group')}
      />
      {limit(
        'timeLimitSeconds',
        'Time limit (seconds)',
        'The job saves a checkpoint and ends.',
        1,
        'none',
        template?.timeLimitSeconds,
      )}
      {limit(
        'stallLimitSeconds',
        'Stall limit (seconds)',
        'The job ends if it makes no report for this time.',
        1,
        'none',
        template?.stallLimitSeconds,
      )}
      {limit(
        'retries',
        'Retries after a failure',
        'Maximum number of automatic retries.',
        0,
        'none',
        template?.retry?.limit,
      )}
    </div>
  );
}
