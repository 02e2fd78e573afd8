import { useRef, useState } from 'react';
import { useLocation } from 'wouter';
import { DatasetPicker } from '../datasets/dataset-picker.tsx';
import type { JobTemplateFragment, StartOptionsQuery, StartTrainingInput } from '../graphql/graphql.ts';
import { Icon } from '../layout/icon.tsx';
import { useSession } from '../live/session-context.ts';
import { useAction } from '../live/use-action.ts';
import { DependencyFields } from './dependency-fields.tsx';
import { FormError } from './form-error.ts';
import { LimitFields, QueueFields } from './limit-fields.tsx';
import { StartDocument } from './operations.ts';
import { optionSchemas } from './option-schema.ts';
import { READ_OPTIONS, ReadFields, readOptionsOf } from './read-fields.tsx';
import { fieldName, readForm } from './read-form.ts';
import { ResourceFields } from './resource-fields.tsx';
import { TargetField } from './target-field.tsx';
import { TrainerChoice } from './trainer-choice.tsx';
import { TrainerOptions } from './trainer-options.tsx';
import { TrainingFields } from './training-fields.tsx';
import { openSections, useFieldErrors } from './use-field-errors.ts';

/** The included sample: with it, the first training needs only one click. */
const FIRST_DATASET = 'sample.csv';

/** The form of a new training. */
export function StartForm({
  options: { trainers, datasets, resourceChoices },
  template,
  dataset: initialDataset,
  trainer: initialTrainer,
  onUpload,
}: {
  options: StartOptionsQuery;
  /** The job that the form is filled from. */
  template: JobTemplateFragment | null;
  /** The dataset and the trainer in the URL. */
  dataset: string | null;
  trainer: string | null;
  onUpload: () => void;
}) {
  const session = useSession();
  const [, navigate] = useLocation();
  const form = useRef<HTMLFormElement>(null);
  const { errorFor, ...errors } = useFieldErrors(form);
  const [trainerName, setTrainer] = useState(
    initialTrainer ?? template?.trainer ?? trainers.find(({ available }) => available)?.name ?? '',
  );
  const [dataset, setDataset] = useState(initialDataset ?? (template ? (template.dataset ?? '') : FIRST_DATASET));
  const templateTarget = (template?.options as Record<string, unknown> | undefined)?.['target'];
  const [target, setTarget] = useState(initialTarget(templateTarget));
  const [read, setRead] = useState(readOptionsOf(template?.options));
  const sent = useRef({ input: '', key: '' });
  const trainer = trainers.find(({ name }) => name === trainerName) ?? trainers[0];
  const takesDataset = trainer?.settings.includes('DATASET') ?? false;
  const schema = optionSchemas(trainer?.options);
  const showsReadFields = takesDataset && schema['encoding'] !== undefined && dataset !== '';

  function chooseTrainer(name: string): void {
    setTrainer(name);
    errors.clear();
    const chosen = trainers.find((each) => each.name === name);
    if (chosen?.source !== 'SHIPPED') setDataset('');
    else if (dataset === '') setDataset(FIRST_DATASET);
  }

  function chooseDataset(name: string): void {
    setDataset(name);
    chooseTarget('');
  }

  /** An error about a dataset or target does not hold for the next one. */
  function chooseTarget(name: string | null): void {
    setTarget(name);
    errors.clear();
  }

  const start = useAction(async (input: StartTrainingInput) => {
    // The same input again gets the same key: a retry after a lost response does not start a second job.
    const text = JSON.stringify(input);
    if (sent.current.input !== text) sent.current = { input: text, key: crypto.randomUUID() };
    const response = await session.mutate(StartDocument, { input: { ...input, idempotencyKey: sent.current.key } });
    const { startTraining: result } = response;
    if (result.__typename === 'StartTrainingSuccess') {
      navigate(`/jobs/${result.job.id}`);
      return null;
    }
    if (result.__typename !== 'InvalidInputError') return result.message;
    const field = fieldName(result.path);
    errors.show(field, result.message);
    // The form shows an error of the dataset below its fields, until another one is chosen.
    return field === 'dataset' || field in (form.current?.elements ?? {}) ? null : result.message;
  });

  function submit(data: FormData): void {
    errors.clear();
    try {
      const input = readForm(
        data,
        trainer?.name ?? '',
        takesDataset && dataset !== '' ? dataset : null,
        schema,
        template,
      );
      start.run(input);
    } catch (error) {
      if (!(error instanceof FormError)) throw error;
      errors.show(error.field, error.message);
    }
  }

  return (
    <form
      ref={form}
      className="start-form"
      onInvalidCapture={({ target }) => openSections(target as Element)}
      onSubmit={(event) => {
        event.preventDefault();
        submit(new FormData(event.currentTarget));
      }}
    >
      {takesDataset && (
        <DatasetPicker
          datasets={datasets}
          chosen={dataset}
          target={schema['target'] ? target : null}
          options={schema['encoding'] ? read : null}
          // A script may train without a dataset of the server.
          isOptional={trainer?.source !== 'SHIPPED'}
          onChoose={chooseDataset}
          onUpload={onUpload}
        >
          {showsReadFields && (
            <ReadFields
              key={trainerName}
              dataset={dataset}
              schema={schema}
              template={template?.options}
              options={read}
              errorFor={errorFor}
              onChange={setRead}
            />
          )}
        </DatasetPicker>
      )}
      <section className="card start-card" aria-labelledby="training-title">
        <h2 id="training-title">Training</h2>
        {trainers.length > 1 && <TrainerChoice trainers={trainers} chosen={trainerName} onChoose={chooseTrainer} />}
        {template && trainer?.name !== template.trainer && (
          <p className="notice">
            The trainer {template.trainer} of the duplicated job is not selected: only settings of the same name are
            kept.
          </p>
        )}
        {trainer && trainer.description !== '' && <p className="hint">{trainer.description}</p>}
        {trainer?.unavailableReason != null && <p className="notice">{trainer.unavailableReason}</p>}
        {schema['target'] && (
          <TargetField
            dataset={dataset}
            options={schema['encoding'] ? read : null}
            chosen={target}
            schema={schema['target']}
            template={templateTarget}
            error={errorFor('option.target')}
            onChoose={chooseTarget}
          />
        )}
        <TrainingFields key={trainerName} template={template} trainer={trainer} errorFor={errorFor} />
        {trainer && (
          <TrainerOptions
            key={`${trainerName} options`}
            trainer={trainer}
            template={template}
            except={['target', ...(showsReadFields ? READ_OPTIONS : [])]}
            errorFor={errorFor}
          />
        )}
        <details>
          <summary>Queue</summary>
          <QueueFields template={template} errorFor={errorFor} />
          <DependencyFields error={errorFor('dependsOn')} />
        </details>
        <details>
          <summary>Limits and resources</summary>
          <div className="start-fields">
            <LimitFields trainer={trainer} template={template} errorFor={errorFor} />
            <ResourceFields trainer={trainer} choices={resourceChoices} template={template} errorFor={errorFor} />
          </div>
        </details>
        {[errorFor('dataset'), start.error]
          .filter((error) => error !== null)
          .map((error) => (
            <p key={error} className="notice bad" role="alert">
              {error}
            </p>
          ))}
        <button className="button primary start-button" disabled={start.isBusy || trainer?.available === false}>
          <Icon name="play" />
          Start training
        </button>
      </section>
    </form>
  );
}

/** Null for several columns: see {@link TargetField}. */
function initialTarget(target: unknown): string | null {
  if (target === undefined || target === null) return '';
  return typeof target === 'string' ? target : null;
}
