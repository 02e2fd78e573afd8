import { useState } from 'react';
import { useQuery } from 'urql';
import { useLocation } from 'wouter';
import { UploadZone } from '../datasets/upload-zone.tsx';
import type { ReadOptions } from '../datasets/use-preview.ts';
import { useSession } from '../live/session-context.ts';
import { useAction } from '../live/use-action.ts';
import { optionSchemas } from '../start/option-schema.ts';
import { ReadOptionFields } from '../start/read-fields.tsx';
import { StartPredictionDocument, TrainerOptionsDocument } from './operations.ts';

/** Predicts all rows of a table that the user drops or selects, in a job whose page then opens. */
export function PredictTable({ id }: { id: string }) {
  const session = useSession();
  const [, navigate] = useLocation();
  const [options, setOptions] = useState<ReadOptions>(null);
  const [{ data }] = useQuery({ query: TrainerOptionsDocument });
  const trainer = data?.trainers.find(({ name }) => name === 'tabular');
  const start = useAction(async (dataset: string) => {
    const { startPrediction: result } = await session.mutate(StartPredictionDocument, { id, dataset, options });
    if ('message' in result) return result.message;
    navigate(`/jobs/${result.job.id}`);
    return null;
  });
  return (
    <div className="predict-table">
      <h3>Predict a table</h3>
      {trainer && (
        <details>
          <summary>Encoding and header of the file</summary>
          <ReadOptionFields schema={optionSchemas(trainer.options)} onChange={setOptions} />
        </details>
      )}
      <UploadZone onUploaded={start.run} />
      {start.error !== null && (
        <p className="error-text" role="alert">
          {start.error}
        </p>
      )}
    </div>
  );
}
