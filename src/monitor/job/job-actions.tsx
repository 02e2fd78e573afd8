import { useLocation } from 'wouter';
import type { JobDetailFragment } from '../graphql/graphql.ts';
import { hasEnded } from '../jobs/status.tsx';
import { Icon } from '../layout/icon.tsx';
import { useSession } from '../live/session-context.ts';
import { useAction } from '../live/use-action.ts';
import { DeleteButton } from './delete-button.tsx';
import { ModelDownload } from './model-download.tsx';
import { ResumeMore } from './resume-more.tsx';
import { ResumeDocument, StopDocument } from './operations.ts';

/** The actions that the status allows: stop, resume, download, duplicate, delete. */
export function JobActions({ job }: { job: JobDetailFragment }) {
  const session = useSession();
  const [, navigate] = useLocation();
  const stop = useAction(async () => {
    const { stopTraining: result } = await session.mutate(StopDocument, { id: job.id });
    // A job that has ended in the meantime needs no stop.
    return 'message' in result && result.__typename !== 'AlreadyEndedError' ? result.message : null;
  });
  const resume = useAction(async (epochs: number | null) => {
    const { resumeTraining: result } = await session.mutate(ResumeDocument, { id: job.id, epochs });
    return 'message' in result ? result.message : null;
  });
  const ended = hasEnded(job.status);
  return (
    <div className="job-actions">
      <div className="job-buttons">
        {!ended && (
          <button
            type="button"
            className="button"
            onClick={() => stop.run()}
            disabled={stop.isBusy || job.status === 'STOPPING'}
          >
            <Icon name="stop" />
            {job.status === 'STOPPING' ? 'Stopping' : 'Stop'}
          </button>
        )}
        {ended && job.status !== 'COMPLETED' && (
          <button type="button" className="button" onClick={() => resume.run(null)} disabled={resume.isBusy}>
            <Icon name="play" />
            Resume
          </button>
        )}
        {job.status === 'COMPLETED' && <ResumeMore epochs={job.epochs} isBusy={resume.isBusy} onResume={resume.run} />}
        <ModelDownload job={job} />
        <button type="button" className="button" onClick={() => navigate(`/start?like=${job.id}`)}>
          <Icon name="copy" />
          Duplicate
        </button>
        {ended && <DeleteButton id={job.id} />}
      </div>
      {[stop.error, resume.error].map(
        (error) =>
          error !== null && (
            <p key={error} className="error-text" role="alert">
              {error}
            </p>
          ),
      )}
    </div>
  );
}
