import { useId } from 'react';
import type { Backend, JobToStartLikeQuery, StartOptionsQuery } from '../graphql/graphql.ts';

type Like = JobToStartLikeQuery['job'];
type Defaults = StartOptionsQuery['trainers'][number]['defaults'];
type ComplaintOf = (field: string) => string | null;

/** What every training has: how long, how fast, and what it is called. */
export function TrainingFields({
  like,
  defaults,
  complaintOf,
}: {
  like: Like;
  defaults: Defaults;
  complaintOf: ComplaintOf;
}) {
  const number = (name: 'epochs' | 'batchSize' | 'learningRate' | 'seed', label: string, hint: string, min: number) => (
    <Field
      name={name}
      label={label}
      hint={hint}
      type="number"
      min={min}
      step={name === 'learningRate' ? 'any' : '1'}
      placeholder={defaults ? String(defaults[name]) : ''}
      defaultValue={like?.[name]}
      complaint={complaintOf(name)}
    />
  );
  return (
    <div className="start-fields">
      {number('epochs', 'Epochs', 'How often it goes through the data, at most.', 1)}
      {number('learningRate', 'Learning rate', 'How large a step it takes each time.', 0)}
      {number('batchSize', 'Batch size', 'Rows per step: more is smoother, fewer is quicker.', 1)}
      {number('seed', 'Seed', 'The same seed gives the same numbers.', 0)}
      <Field
        name="name"
        label="Name"
        hint="For people; may be left out."
        maxLength={200}
        defaultValue={like?.name}
        complaint={complaintOf('name')}
      />
      <Field
        name="tags"
        label="Tags"
        hint="Separated by commas."
        defaultValue={like?.tags.join(', ')}
        complaint={complaintOf('tags')}
      />
    </div>
  );
}

const BACKEND_NAMES: Readonly<Record<Backend, string>> = {
  AUTO: 'PyTorch where there is one (default)',
  TORCH: 'PyTorch, or not at all',
  SIMULATION: 'A simulation: made-up numbers, no model',
};

/** What few trainings need: where it runs, and what ends it. */
export function LimitFields({
  backends,
  like,
  complaintOf,
}: {
  backends: readonly Backend[];
  like: Like;
  complaintOf: ComplaintOf;
}) {
  const limit = (name: string, label: string, hint: string, min: number, placeholder: string) => (
    <Field
      name={name}
      label={label}
      hint={hint}
      type="number"
      step={name === 'timeLimitSeconds' ? 'any' : '1'}
      min={min}
      placeholder={placeholder}
      complaint={complaintOf(name)}
    />
  );
  return (
    <div className="start-fields">
      <label className="field">
        <span>Computes with</span>
        <select name="backend" defaultValue={like?.backend ?? 'AUTO'}>
          {(['AUTO', ...backends] as const).map((backend) => (
            <option key={backend} value={backend}>
              {BACKEND_NAMES[backend]}
            </option>
          ))}
        </select>
      </label>
      {limit('gpus', 'GPUs to itself', '0 hides them all.', 0, 'shares what there is')}
      {limit('priority', 'Priority', 'A higher one starts first.', -1000, '0')}
      {limit('timeLimitSeconds', 'Time limit, seconds', 'Then it is stopped, and saved.', 1, 'none')}
      {limit('retries', 'Retries after a failure', 'How often it starts again by itself.', 0, 'none')}
    </div>
  );
}

function Field({
  name,
  label,
  hint,
  complaint,
  defaultValue,
  ...input
}: {
  name: string;
  label: string;
  hint: string;
  complaint: string | null;
  defaultValue?: string | number | null | undefined;
  type?: 'number';
  step?: string;
  min?: number;
  maxLength?: number;
  placeholder?: string;
}) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        {...input}
        id={id}
        name={name}
        autoComplete="off"
        defaultValue={defaultValue ?? ''}
        aria-invalid={complaint !== null}
        aria-describedby={`${id}-hint`}
      />
      <span id={`${id}-hint`} className={complaint === null ? 'hint' : 'complaint'}>
        {complaint ?? hint}
      </span>
    </div>
  );
}
