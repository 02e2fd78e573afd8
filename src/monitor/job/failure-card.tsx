import { formatBytes } from '../format/numbers.ts';
import { formatMoment } from '../format/times.ts';
import type { FailureReason, JobDetailFragment } from '../graphql/graphql.ts';

/** What a reason most likely comes from, and what to do: beside what the server says of this very failure. */
const ADVICE: Readonly<Record<FailureReason, { readonly title: string; readonly advice: string }>> = {
  INVALID_DATASET: {
    title: 'The data cannot be trained on',
    advice: 'Mend the place in the file that the message names, or choose another target, and start again.',
  },
  TRAINER_ERROR: {
    title: 'The training code raised an error',
    advice: 'The end of its log says where. With changed options, start another like it.',
  },
  EXIT_NONZERO: {
    title: 'The process gave up',
    advice: 'Its last lines most likely say why. Resume goes on from what was saved.',
  },
  SIGNAL: {
    title: 'The process was killed',
    advice: 'Somebody, or the system, ended it from outside. Resume goes on from what was saved.',
  },
  OUT_OF_MEMORY: {
    title: 'There was not enough memory',
    advice: 'Use a smaller batch, a smaller model or fewer trainings at once, then resume or start another like it.',
  },
  SPAWN_FAILED: {
    title: 'The process could not be started',
    advice: 'Most likely Python is missing or broken: "npm run setup" repairs it.',
  },
  START_TIMEOUT: {
    title: 'The process never reported',
    advice: 'The machine may be overloaded, or Python hangs while it loads. Resume tries again.',
  },
  TIME_LIMIT: {
    title: 'It took longer than it may',
    advice: 'What it had learned was saved. Resume goes on with the same limit anew.',
  },
  HOST_REBOOT: {
    title: 'The machine was restarted',
    advice: 'Nothing is wrong with the training. Resume goes on from what was saved.',
  },
  VANISHED: {
    title: 'The process is gone',
    advice: 'Nothing tells how it ended. Resume goes on from what was saved.',
  },
};

/** Why a job failed, what it most likely comes from, and what to do. */
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
    failure.peakMemoryBytes !== null && `at most ${formatBytes(failure.peakMemoryBytes)} of memory in use`,
  ].filter((fact) => typeof fact === 'string');
  return (
    <section className="card failure" aria-labelledby="failure-title">
      <h2 id="failure-title">{title}</h2>
      <p className="failure-message">{failure.message}</p>
      <p>
        <strong>What to do:</strong> {advice}
      </p>
      {retryAt !== null && <p>It will be started again by itself at {formatMoment(retryAt)}.</p>}
      {facts.length > 0 && <p className="hint">{facts.join(', ')}</p>}
      {failure.lastLogLines.length > 0 && (
        <details>
          <summary>The last lines that it printed</summary>
          <pre tabIndex={0}>{failure.lastLogLines.join('\n')}</pre>
        </details>
      )}
    </section>
  );
}
