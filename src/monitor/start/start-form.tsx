import { useRef, useState } from 'react';
import { useLocation } from 'wouter';
import { DatasetPicker } from '../datasets/dataset-picker.tsx';
import type { JobToStartLikeQuery, StartOptionsQuery, StartTrainingInput } from '../graphql/graphql.ts';
import { Icon } from '../layout/icon.tsx';
import { useSession } from '../live/session-context.ts';
import { useAction } from '../live/use-action.ts';
import { LimitFields, TrainingFields } from './training-fields.tsx';
import { OptionField } from './option-field.tsx';
import { optionsOf } from './option-schema.ts';
import { StartDocument } from './operations.ts';
import { fieldOf, FormError, readForm } from './read-form.ts';
import { TrainerChoice } from './trainer-choice.tsx';

/** The shipped sample: with it the first training takes one press of a button. */
const FIRST_DATASET = 'sample.csv';

export interface Complaint {
  /** The name of a field; one that the form has not stands for the whole. */
  readonly field: string;
  readonly message: string;
}

export function StartForm({
  trainers,
  datasets,
  like,
  dataset: wanted,
  onUpload,
}: {
  trainers: StartOptionsQuery['trainers'];
  datasets: StartOptionsQuery['datasets'];
  like: JobToStartLikeQuery['job'];
  /** The dataset that the address names. */
  dataset: string | null;
  onUpload: () => void;
}) {
  const session = useSession();
  const [, navigate] = useLocation();
  const form = useRef<HTMLFormElement>(null);
  const [trainerName, setTrainer] = useState(like?.trainer ?? trainers.find(({ available }) => available)?.name ?? '');
  const [dataset, setDataset] = useState(wanted ?? like?.dataset ?? FIRST_DATASET);
  const [complaint, setComplaint] = useState<Complaint | null>(null);
  const sent = useRef({ input: '', key: '' });
  const trainer = trainers.find(({ name }) => name === trainerName) ?? trainers[0];
  const schema = optionsOf(trainer?.options);
  const columns = datasets.find(({ name }) => name === dataset)?.columns ?? [];
  const complaintOf = (field: string) => (complaint?.field === field ? complaint.message : null);

  function complain(field: string, message: string): void {
    setComplaint({ field, message });
    const element = form.current?.elements.namedItem(field);
    if (!(element instanceof HTMLElement)) return;
    for (let box = element.closest('details'); box; box = box.parentElement?.closest('details') ?? null)
      box.open = true;
    element.focus();
  }

  const start = useAction(async (input: StartTrainingInput) => {
    // The same once more, after an answer that was lost on the way, is the same job.
    const text = JSON.stringify(input);
    if (sent.current.input !== text) sent.current = { input: text, key: crypto.randomUUID() };
    const answer = await session.change(StartDocument, { input: { ...input, idempotencyKey: sent.current.key } });
    const { startTraining: result } = answer;
    if (result.__typename === 'StartTrainingSuccess') {
      navigate(`/jobs/${result.job.id}`);
      return null;
    }
    if (result.__typename !== 'InvalidInputError') return result.message;
    complain(fieldOf(result.path), result.message);
    return fieldOf(result.path) in (form.current?.elements ?? {}) ? null : result.message;
  });

  function submit(data: FormData): void {
    setComplaint(null);
    try {
      start.run(readForm(data, trainer?.name ?? '', dataset, schema));
    } catch (error) {
      if (!(error instanceof FormError)) throw error;
      complain(error.field, error.message);
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
      <DatasetPicker datasets={datasets} chosen={dataset} onChoose={setDataset} onUpload={onUpload} />
      <section className="card start-card" aria-labelledby="training-title">
        <h2 id="training-title">Training</h2>
        {trainers.length > 1 && <TrainerChoice trainers={trainers} chosen={trainerName} onChoose={setTrainer} />}
        {trainer && <p className="hint">{trainer.description}</p>}
        {trainer?.unavailableReason != null && <p className="notice">{trainer.unavailableReason}</p>}
        {schema['target'] && (
          <OptionField
            name="target"
            schema={schema['target']}
            value={(like?.options as Record<string, unknown> | undefined)?.['target']}
            suggestions={columns}
            complaint={complaintOf('option.target')}
          />
        )}
        <TrainingFields like={like} defaults={trainer?.defaults ?? null} complaintOf={complaintOf} />
        <details>
          <summary>Options of the trainer</summary>
          <div className="start-fields">
            {Object.entries(schema)
              .filter(([name]) => name !== 'target')
              .map(([name, option]) => (
                <OptionField
                  key={`${trainerName}.${name}`}
                  name={name}
                  schema={option}
                  value={(like?.options as Record<string, unknown> | undefined)?.[name]}
                  complaint={complaintOf(`option.${name}`)}
                />
              ))}
          </div>
        </details>
        <details>
          <summary>Limits and resources</summary>
          <LimitFields backends={trainer?.backends ?? []} like={like} complaintOf={complaintOf} />
        </details>
        {start.complaint !== null && (
          <p className="notice bad" role="alert">
            {start.complaint}
          </p>
        )}
        <button className="button primary start-button" disabled={start.isBusy}>
          <Icon name="play" />
          Start training
        </button>
      </section>
    </form>
  );
}
