import { useLocation } from 'wouter';
import { hasEnded } from '../../client/job-progress.ts';
import { ReadOnlyNote } from '../access/read-only-note.tsx';
import { useRights } from '../access/rights.ts';
import type { JobDetailFragment } from '../graphql/graphql.ts';
import { Icon } from '../layout/icon.tsx';
import { useSession } from '../live/session-context.ts';
import { useAction } from '../live/use-action.ts';
import { canResume } from './failure-advice.ts';
import { DeleteButton } from './delete-button.tsx';
import { ModelDownload } from './model-download.tsx';
import { ResumeMore } from './resume-more.tsx';
import { ResumeDocument, StopDocument } from './operations.ts';

/** The actions that the status allows: stop, resume, download, duplicate, delete. */
export function JobActions({ job }: { job: JobDetailFragment }) {
  const session = useSession();
  const [, navigate] = useLocation();
  const situation = `${job.attempt} ${job.status}`;
  const stop = useAction(async () => {
    const { stopTraining: result } = await session.mutate(StopDocument, { id: job.id });
    // A job that has ended in the meantime needs no stop.
    return 'message' in result && result.__typename !== 'AlreadyEndedError' ? result.message : null;
  }, situation);
  const resume = useAction(async (epochs: number | null) => {
    const { resumeTraining: result } = await session.mutate(ResumeDocument, { id: job.id, epochs });
    return 'message' in result ? result.message : null;
  }, situation);
  const rights = useRights();
  const canChange = rights.canChangeJobOf(job.startedBy);
  const ended = hasEnded(job.status);
  // A completed job continues only with more epochs, which not every trainer counts.
  const canContinue = job.status !== 'COMPLETED' && canResume(job.failure, job.checkpoint !== null);
  return (
    <div className="job-actions">
      <div className="job-buttons">
        {canChange && !ended && (
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
        {canChange && ended && canContinue && (
          <button type="button" className="button" onClick={() => resume.run(null)} disabled={resume.isBusy}>
            <Icon name="play" />
            Resume
          </button>
        )}
        {canChange && job.status === 'COMPLETED' && job.epochs !== null && (
          <ResumeMore epochs={job.epochs} isBusy={resume.isBusy} onResume={resume.run} />
        )}
        <ModelDownload job={job} />
        {rights.canStart && job.trainer !== 'prediction' && (
          <button type="button" className="button" onClick={() => navigate(`/start?like=${job.id}`)}>
            <Icon name="copy" />
            Duplicate
          </button>
        )}
        {canChange && ended && <DeleteButton id={job.id} name={job.name} />}
      </div>
      {!canChange && (rights.canStart ? <p className="hint">{ownerNote(job.startedBy)}</p> : <ReadOnlyNote />)}
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

function ownerNote(startedBy: string | null): string {
  const who = startedBy === null ? 'Only administrators' : `Only ${startedBy} and administrators`;
  return `${who} can stop, resume, edit or delete this job.`;
}
