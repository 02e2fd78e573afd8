import { formatBytes } from '../format/numbers.ts';
import { formatDateTime } from '../format/times.ts';
import type { FailureReason, JobDetailFragment } from '../graphql/graphql.ts';

/** The likely cause of each failure reason, and what to do about it. The server's own message appears beside it. */
const ADVICE: Readonly<Record<FailureReason, { readonly title: string; readonly advice: string }>> = {
  INVALID_DATASET: {
    title: 'This table cannot be used',
    advice: 'Correct the file where the message says, or choose another target. Then start a new training.',
  },
  TRAINER_ERROR: {
    title: 'The training code raised an exception',
    advice: 'See the end of the log for the location. Duplicate the job to try other options.',
  },
  EXIT_NONZERO: {
    title: 'The process exited with an error',
    advice: 'The last log lines most likely show the cause. Resume continues from the last checkpoint.',
  },
  SIGNAL: {
    title: 'The process was killed',
    advice: 'A user or the operating system killed it. Resume continues from the last checkpoint.',
  },
  OUT_OF_MEMORY: {
    title: 'Out of memory',
    advice: 'Use a smaller batch size or model, or run fewer jobs at once. Then resume or duplicate the job.',
  },
  SPAWN_FAILED: {
    title: 'The process could not be started',
    advice: 'Python may be missing or broken. Run "npm run setup" to repair it.',
  },
  START_TIMEOUT: {
    title: 'The process did not report in time',
    advice: 'The machine may be overloaded, or Python may hang at import. Resume tries again.',
  },
  TIME_LIMIT: {
    title: 'Time limit exceeded',
    advice: 'The checkpoint was saved. Resume continues from it, with the full time limit again.',
  },
  HOST_REBOOT: {
    title: 'The machine restarted',
    advice: 'The training itself is fine. Resume continues from the last checkpoint.',
  },
  VANISHED: {
    title: 'The process disappeared',
    advice: 'It left no exit record. Resume continues from the last checkpoint.',
  },
};

/** Why a job failed, and what to do about it. */
export function FailureCard({
  failure,
  retryAt,
}: {
  failure: NonNullable<JobDetailFragment['failure']>;
  retryAt: string | null;
}) {
  const { title, advice } = ADVICE[failure.reason];
  const facts = [
    failure.exitCode !== null && `exit code ${failure.exitCode}`,
    failure.signal,
    failure.peakMemoryBytes !== null && `peak memory ${formatBytes(failure.peakMemoryBytes)}`,
  ].filter((fact) => typeof fact === 'string');
  return (
    <section className="card failure" aria-labelledby="failure-title">
      <h2 id="failure-title">{title}</h2>
      <p className="failure-message">{failure.message}</p>
      <p>
        <strong>What to do:</strong> {advice}
      </p>
      {retryAt !== null && <p>Automatic retry at {formatDateTime(retryAt)}.</p>}
      {facts.length > 0 && <p className="hint">{facts.join(', ')}</p>}
      {failure.lastLogLines.length > 0 && (
        <details>
          <summary>Last log lines</summary>
          <pre tabIndex={0}>{failure.lastLogLines.join('\n')}</pre>
        </details>
      )}
    </section>
  );
}
