import { useLocation } from 'wouter';
import { UploadZone } from '../datasets/upload-zone.tsx';
import { useSession } from '../live/session-context.ts';
import { useAction } from '../live/use-action.ts';
import { StartPredictionDocument } from './operations.ts';

/** Predicts all rows of a table that the user drops or selects, in a job whose page then opens. */
export function PredictTable({ id }: { id: string }) {
  const session = useSession();
  const [, navigate] = useLocation();
  const start = useAction(async (dataset: string) => {
    const { startPrediction: result } = await session.mutate(StartPredictionDocument, { id, dataset });
    if ('message' in result) return result.message;
    navigate(`/jobs/${result.job.id}`);
    return null;
  });
  return (
    <div className="predict-table">
      <h3>All rows of a table</h3>
      <UploadZone onUploaded={start.run} />
      {start.error !== null && (
        <p className="error-text" role="alert">
          {start.error}
        </p>
      )}
    </div>
  );
}
