import { useId } from 'react';
import type { JobTemplateFragment, StartOptionsQuery } from '../graphql/graphql.ts';
import { NumberField, type NumberName } from './field.tsx';

type Trainer = StartOptionsQuery['trainers'][number];
type Choices = StartOptionsQuery['resourceChoices'];

/** The names of a cluster: the field of the input, its label, and where the server lists its values. */
const NAMES = [
  { name: 'partition', label: 'Partition', list: 'partitions' },
  { name: 'account', label: 'Account', list: 'accounts' },
  { name: 'qos', label: 'Quality of service', list: 'qos' },
  { name: 'constraint', label: 'Constraint', list: 'constraints' },
  { name: 'gpuType', label: 'Kind of GPU', list: 'gpuTypes' },
] as const;

/** What a training needs of its machine. Only what the server allows: a server without a cluster has no names to choose. */
export function ResourceFields({
  trainer,
  choices,
  template,
  errorFor,
}: {
  trainer: Trainer | undefined;
  choices: Choices;
  template: JobTemplateFragment | null;
  errorFor: (field: string) => string | null;
}) {
  const number = (name: NumberName, label: string, hint: string, placeholder: string, value?: number | null) => (
    <NumberField
      name={name}
      label={label}
      hint={hint}
      placeholder={placeholder}
      defaultValue={value}
      error={errorFor(name)}
    />
  );
  const { isCluster } = choices;
  const earlier = template?.resources;
  return (
    <>
      {trainer?.acceptsArguments === true &&
        number('processes', 'Processes', 'Processes that torchrun starts.', '1', template?.processes)}
      {number('gpus', 'Exclusive GPUs', '0 hides all GPUs.', 'shared', template?.gpus)}
      {number(
        'resources.cpus',
        'CPUs',
        isCluster ? 'Number on each node.' : 'Threads of the training.',
        isCluster ? 'default' : 'all',
        earlier?.cpus,
      )}
      {number(
        'resources.memoryMb',
        'Memory (MiB)',
        isCluster ? 'Size on each node.' : 'Limit of each process.',
        isCluster ? 'default' : 'no limit',
        earlier?.memoryMb,
      )}
      {trainer?.acceptsArguments === true &&
        choices.maxNodes > 1 &&
        number('resources.nodes', 'Nodes', `At most ${choices.maxNodes}.`, '1', earlier?.nodes)}
      {isCluster &&
        number(
          'resources.timeLimitSeconds',
          'Time limit of the cluster (seconds)',
          'Time that the resources are held. The job saves a checkpoint before the end.',
          'default',
          earlier?.timeLimitSeconds,
        )}
      {NAMES.map(
        ({ name, label, list }) =>
          choices[list].length > 0 && (
            <NameField
              key={name}
              name={`resources.${name}`}
              label={label}
              allowed={choices[list]}
              value={earlier?.[name] ?? ''}
              error={errorFor(`resources.${name}`)}
            />
          ),
      )}
    </>
  );
}

function NameField({
  name,
  label,
  allowed,
  value,
  error,
}: {
  name: string;
  label: string;
  allowed: readonly string[];
  /** Value in the job that serves as template; empty for none. */
  value: string;
  error: string | null;
}) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select
        id={id}
        name={name}
        defaultValue={allowed.includes(value) ? value : ''}
        aria-invalid={error !== null}
        aria-describedby={error === null ? undefined : `${id}-error`}
      >
        <option value="">default</option>
        {allowed.map((each) => (
          <option key={each}>{each}</option>
        ))}
      </select>
      {error !== null && (
        <span id={`${id}-error`} className="error-text">
          {error}
        </span>
      )}
    </div>
  );
}
