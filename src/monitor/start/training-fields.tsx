import type { JobTemplateFragment, StartOptionsQuery } from '../graphql/graphql.ts';
import { Field, NumberField } from './field.tsx';
import { writeArguments } from './arguments.ts';

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
  const number = (name: 'epochs' | 'batchSize' | 'learningRate' | 'seed', label: string, hint: string) => (
    <NumberField
      name={name}
      label={label}
      hint={hint}
      placeholder={String(trainer?.defaults?.[name] ?? '')}
      defaultValue={template?.[name]}
      error={errorFor(name)}
    />
  );
  return (
    <div className="start-fields">
      {has('EPOCHS') && number('epochs', 'Epochs', 'Maximum number of passes over the training data.')}
      {has('LEARNING_RATE') && number('learningRate', 'Learning rate', 'Step size of the optimizer.')}
      {has('BATCH_SIZE') && number('batchSize', 'Batch size', 'Rows per optimizer step.')}
      {has('SEED') && number('seed', 'Seed', 'The same seed gives the same results.')}
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
