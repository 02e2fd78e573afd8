import type { Backend, JobTemplateFragment, StartOptionsQuery } from '../graphql/graphql.ts';
import { Field, NumberField } from './field.tsx';

type Trainer = StartOptionsQuery['trainers'][number];

const BACKEND_NAMES: Readonly<Record<Backend, string>> = {
  AUTO: 'PyTorch if installed, else simulation (default)',
  TORCH: 'PyTorch only (fails if missing)',
  SIMULATION: 'Simulation (no real training, no model)',
};

interface NumberDescription {
  readonly name: 'priority' | 'timeLimitSeconds' | 'stallLimitSeconds' | 'retries';
  readonly label: string;
  readonly hint: string;
  /** Stands for an empty field. */
  readonly placeholder: string;
}

const PRIORITY: NumberDescription = {
  name: 'priority',
  label: 'Priority',
  hint: 'Higher values start first.',
  placeholder: '0',
};

const LIMITS: readonly NumberDescription[] = [
  {
    name: 'timeLimitSeconds',
    label: 'Time limit (seconds)',
    hint: 'The job saves a checkpoint and ends.',
    placeholder: 'none',
  },
  {
    name: 'stallLimitSeconds',
    label: 'Stall limit (seconds)',
    hint: 'The job ends if it makes no report for this time.',
    placeholder: 'none',
  },
  {
    name: 'retries',
    label: 'Retries after a failure',
    hint: 'Maximum number of automatic retries.',
    placeholder: 'none',
  },
];

interface Properties {
  readonly template: JobTemplateFragment | null;
  readonly errorFor: (field: string) => string | null;
}

/** When a training starts: its priority, its group and its earliest time. */
export function QueueFields({ template, errorFor }: Properties) {
  return (
    <div className="start-fields">
      <LimitField {...PRIORITY} template={template} errorFor={errorFor} />
      <Field
        name="group"
        label="Queue group"
        hint="Optional; a group can have a limit and be paused."
        maxLength={64}
        defaultValue={template?.group}
        error={errorFor('group')}
      />
      <Field
        name="notBefore"
        label="Not before"
        hint="Optional: the earliest start, on the clock of this machine."
        type="datetime-local"
        error={errorFor('notBefore')}
      />
    </div>
  );
}

/** Backend, limits and retries of a training. */
export function LimitFields({ trainer, template, errorFor }: Properties & { readonly trainer: Trainer | undefined }) {
  return (
    <>
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
      {LIMITS.map((limit) => (
        <LimitField key={limit.name} {...limit} template={template} errorFor={errorFor} />
      ))}
    </>
  );
}

function LimitField({ template, errorFor, ...limit }: NumberDescription & Properties) {
  return (
    <NumberField
      {...limit}
      defaultValue={limit.name === 'retries' ? template?.retry?.limit : template?.[limit.name]}
      error={errorFor(limit.name)}
    />
  );
}
