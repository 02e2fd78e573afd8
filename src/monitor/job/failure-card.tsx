import { formatBytes } from '../format/numbers.ts';
import { formatDateTime } from '../format/times.ts';
import type { JobDetailFragment } from '../graphql/graphql.ts';
import { adviceFor } from './failure-advice.ts';

/** Why a job failed, and what to do about it. */
export function FailureCard({
  failure,
  retryAt,
  hasCheckpoint,
}: {
  failure: NonNullable<JobDetailFragment['failure']>;
  retryAt: string | null;
  /** Whether a resumed job has something to continue from. */
  hasCheckpoint: boolean;
}) {
  const { title, advice } = adviceFor(failure, hasCheckpoint);
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
