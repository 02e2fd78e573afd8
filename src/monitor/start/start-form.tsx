import { useRef, useState } from 'react';
import { useLocation } from 'wouter';
import { DatasetPicker } from '../datasets/dataset-picker.tsx';
import type { JobTemplateFragment, StartOptionsQuery, StartTrainingInput } from '../graphql/graphql.ts';
import { Icon } from '../layout/icon.tsx';
import { useSession } from '../live/session-context.ts';
import { useAction } from '../live/use-action.ts';
import { LimitFields, TrainingFields } from './training-fields.tsx';
import { OptionField } from './option-field.tsx';
import { optionSchemas, requiredOptions } from './option-schema.ts';
import { StartDocument } from './operations.ts';
import { READ_OPTIONS, ReadFields, readOptionsOf } from './read-fields.tsx';
import { TargetField } from './target-field.tsx';
import { fieldName, FormError, readForm } from './read-form.ts';
import { TrainerChoice } from './trainer-choice.tsx';

/** The included sample: with it, the first training needs only one click. */
const FIRST_DATASET = 'sample.csv';

export interface FieldError {
  /** The name of a field. A name that the form does not have means the whole form. */
  readonly field: string;
  readonly message: string;
}

export function StartForm({
  trainers,
  datasets,
  template,
  dataset: initialDataset,
  onUpload,
}: {
  trainers: StartOptionsQuery['trainers'];
  datasets: StartOptionsQuery['datasets'];
  template: JobTemplateFragment | null;
  /** The dataset in the URL. */
  dataset: string | null;
  onUpload: () => void;
}) {
  const session = useSession();
  const [, navigate] = useLocation();
  const form = useRef<HTMLFormElement>(null);
  const [trainerName, setTrainer] = useState(
    template?.trainer ?? trainers.find(({ available }) => available)?.name ?? '',
  );
  const [dataset, setDataset] = useState(initialDataset ?? (template ? (template.dataset ?? '') : FIRST_DATASET));
  const templateTarget = (template?.options as Record<string, unknown> | undefined)?.['target'];
  const [target, setTarget] = useState(initialTarget(templateTarget));
  const [read, setRead] = useState(readOptionsOf(template?.options));
  const [fieldError, setFieldError] = useState<FieldError | null>(null);
  const sent = useRef({ input: '', key: '' });
  const trainer = trainers.find(({ name }) => name === trainerName) ?? trainers[0];
  const takesDataset = trainer?.settings.includes('DATASET') ?? false;
  // A script may train without a dataset of the server.
  const isOptional = trainer?.source !== 'SHIPPED';
  const schema = optionSchemas(trainer?.options);
  const required = requiredOptions(trainer?.options);
  const options = Object.entries(schema).filter(([name]) => name !== 'target' && !READ_OPTIONS.includes(name));
  const errorFor = (field: string) => (fieldError?.field === field ? fieldError.message : null);

  function chooseTrainer(name: string): void {
    setTrainer(name);
    setFieldError(null);
    const chosen = trainers.find((each) => each.name === name);
    if (chosen?.source !== 'SHIPPED') setDataset('');
    else if (dataset === '') setDataset(FIRST_DATASET);
  }

  function chooseDataset(name: string): void {
    setDataset(name);
    setTarget('');
  }

  function showFieldError(field: string, message: string): void {
    setFieldError({ field, message });
    const element = form.current?.elements.namedItem(field);
    if (!(element instanceof HTMLElement)) return;
    for (let box = element.closest('details'); box; box = box.parentElement?.closest('details') ?? null)
      box.open = true;
    element.focus();
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
    showFieldError(fieldName(result.path), result.message);
    return fieldName(result.path) in (form.current?.elements ?? {}) ? null : result.message;
  });

  function submit(data: FormData): void {
    setFieldError(null);
    try {
      const input = readForm(
        data,
        trainer?.name ?? '',
        takesDataset && dataset !== '' ? dataset : null,
        schema,
        template,
      );
      // Selected names are not parsed: they can contain commas.
      const field = form.current?.elements.namedItem('option.target');
      const exact = field instanceof HTMLSelectElement && field.value !== '' ? { target: field.value } : {};
      start.run({ ...input, options: { ...(input.options as object), ...exact } });
    } catch (error) {
      if (!(error instanceof FormError)) throw error;
      showFieldError(error.field, error.message);
    }
  }

  return (
    <form
      ref={form}
      className="start-form"
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
          isOptional={isOptional}
          onChoose={chooseDataset}
          onUpload={onUpload}
        >
          {schema['encoding'] && dataset !== '' && (
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
            onChoose={setTarget}
          />
        )}
        <TrainingFields key={trainerName} template={template} trainer={trainer} errorFor={errorFor} />
        {options.length > 0 && (
          <details open={isOptional}>
            <summary>Trainer options</summary>
            <div className="start-fields">
              {options.map(([name, option]) => (
                <OptionField
                  key={`${trainerName}.${name}`}
                  name={name}
                  schema={option}
                  value={(template?.options as Record<string, unknown> | undefined)?.[name]}
                  isRequired={required.has(name)}
                  error={errorFor(`option.${name}`)}
                />
              ))}
            </div>
          </details>
        )}
        <details>
          <summary>Limits and resources</summary>
          <LimitFields trainer={trainer} template={template} errorFor={errorFor} />
        </details>
        {start.error !== null && (
          <p className="notice bad" role="alert">
            {start.error}
          </p>
        )}
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
