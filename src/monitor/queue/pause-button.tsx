import { useSession } from '../live/session-context.ts';
import { useAction } from '../live/use-action.ts';
import { PauseQueueDocument, ResumeQueueDocument } from './operations.ts';

/** Pauses or unpauses the queue, or one of its groups. */
export function PauseButton({
  group,
  isPaused,
  onDone,
}: {
  /** Null for the whole queue. */
  group: string | null;
  isPaused: boolean;
  onDone: () => void;
}) {
  const session = useSession();
  const change = useAction(async () => {
    const result = isPaused
      ? (await session.mutate(ResumeQueueDocument, { group })).resumeQueue
      : (await session.mutate(PauseQueueDocument, { group })).pauseQueue;
    onDone();
    return 'message' in result ? result.message : null;
  }, String(isPaused));
  const verb = isPaused ? 'Unpause' : 'Pause';
  return (
    <>
      <button
        type="button"
        className={group === null ? 'button' : 'button small'}
        disabled={change.isBusy}
        onClick={() => change.run()}
      >
        {verb}
        {group === null ? ' queue' : <span className="visually-hidden"> the group {group}</span>}
      </button>
      {change.error !== null && (
        <span className="error-text" role="alert">
          {change.error}
        </span>
      )}
    </>
  );
}
