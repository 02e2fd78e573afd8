import { useEffect, useState } from 'react';
import type { JobDetailFragment } from '../graphql/graphql.ts';
import { useRights } from '../access/rights.ts';
import { errorMessage } from '../live/session.ts';
import { useSession } from '../live/session-context.ts';
import { ModelDocument } from './operations.ts';
import type { Model } from './model.ts';
import { PredictForm } from './predict-form.tsx';
import { PredictTable } from './predict-table.tsx';
import './predict.css';

/** Predicts with the model of a job: one row from a form, or all rows of a file. Nothing for a job that cannot predict. */
export function PredictCard({ job }: { job: JobDetailFragment }) {
  const { id, checkpoint, simulation, trainer } = job;
  if (trainer !== 'tabular' || simulation || checkpoint === null) return null;
  return <Card key={id} id={id} />;
}

function Card({ id }: { id: string }) {
  const session = useSession();
  const { canStart } = useRights();
  const [isOpen, setOpen] = useState(false);
  const [model, setModel] = useState<Model | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    if (!isOpen) return;
    let isCurrent = true;
    session.query(ModelDocument, { id }).then(
      ({ job }) => {
        if (!isCurrent) return;
        setModel(job?.model ?? null);
        setProblem(job?.model ? null : 'The model file was deleted, or cannot be read.');
      },
      (error: unknown) => {
        if (isCurrent) setProblem(errorMessage(error));
      },
    );
    return () => {
      isCurrent = false;
    };
  }, [session, id, isOpen]);

  return (
    <section className="card predict" aria-labelledby="predict-title">
      <h2 id="predict-title">Predict</h2>
      {problem !== null && <p className="error-text">The model cannot be used: {problem}</p>}
      {!isOpen ? (
        <button type="button" className="button" onClick={() => setOpen(true)}>
          Use this model
        </button>
      ) : model ? (
        <>
          <PredictForm id={id} model={model} />
          {canStart && <PredictTable id={id} />}
        </>
      ) : (
        problem === null && <p role="status">Loading the model…</p>
      )}
    </section>
  );
}
