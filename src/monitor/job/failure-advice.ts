import type { FailureReason } from '../graphql/graphql.ts';

interface Cause {
  readonly title: string;
  /** Advice, apart from resuming. */
  readonly advice: string;
  /** Whether another attempt can end differently: always, only from a saved state, or never. */
  readonly resume: 'ALWAYS' | 'WITH_CHECKPOINT' | 'NEVER';
}

/** The likely cause of each failure reason, and advice. The server's own message appears next to it. */
const CAUSES: Readonly<Record<FailureReason, Cause>> = {
  INVALID_DATASET: {
    title: 'This table cannot be used',
    advice: 'Upload a corrected file, or duplicate the job and choose another dataset or target.',
    resume: 'NEVER',
  },
  TRAINER_ERROR: {
    title: 'The training code raised an exception',
    advice: 'The message says why. The end of the log has the location. Duplicate the job to try other settings.',
    resume: 'WITH_CHECKPOINT',
  },
  EXIT_NONZERO: {
    title: 'The process exited with an error',
    advice: 'The last log lines most likely show the cause.',
    resume: 'ALWAYS',
  },
  SIGNAL: {
    title: 'The process was killed',
    advice: 'A user or the operating system killed it.',
    resume: 'ALWAYS',
  },
  OUT_OF_MEMORY: {
    title: 'Out of memory',
    advice: 'Duplicate the job with a smaller batch size or model, or run fewer jobs at once.',
    resume: 'ALWAYS',
  },
  SPAWN_FAILED: {
    title: 'The process could not be started',
    advice: 'Python may be missing or broken. Run "npm run setup" to repair it.',
    resume: 'ALWAYS',
  },
  START_TIMEOUT: {
    title: 'The process did not report in time',
    advice: 'The machine may be overloaded, or Python may hang at import.',
    resume: 'ALWAYS',
  },
  TIME_LIMIT: {
    title: 'Time limit exceeded',
    advice: 'The job reached the time limit that was set for it. A resumed job has the full time limit again.',
    resume: 'ALWAYS',
  },
  HOST_REBOOT: {
    title: 'The machine restarted',
    advice: 'The training itself is fine.',
    resume: 'ALWAYS',
  },
  VANISHED: {
    title: 'The process disappeared',
    advice: 'It left no exit record.',
    resume: 'ALWAYS',
  },
  PREEMPTED: {
    title: 'The cluster needed the resources',
    advice: 'The training itself is fine.',
    resume: 'ALWAYS',
  },
  NODE_FAIL: {
    title: 'The node of the cluster failed',
    advice: 'The training itself is fine.',
    resume: 'ALWAYS',
  },
};

/** The start of the message of a shipped trainer whose loss is no number. */
const DIVERGED_MESSAGE = 'The training diverged';
const DIVERGED: Cause = {
  title: 'The training diverged',
  advice: 'Duplicate the job with a lower learning rate.',
  resume: 'NEVER',
};

interface Failure {
  readonly reason: FailureReason;
  readonly message: string;
}

function causeOf({ reason, message }: Failure): Cause {
  return reason === 'TRAINER_ERROR' && message.startsWith(DIVERGED_MESSAGE) ? DIVERGED : CAUSES[reason];
}

/** The title and the advice for a failure. */
export function adviceFor(
  failure: Failure,
  hasCheckpoint: boolean,
): { readonly title: string; readonly advice: string } {
  const { title, advice } = causeOf(failure);
  if (!canResume(failure, hasCheckpoint)) return { title, advice };
  const resume = hasCheckpoint
    ? 'Resume continues from the last checkpoint.'
    : 'Resume starts again from the beginning.';
  return { title, advice: `${advice} ${resume}` };
}

/** Whether resuming a job can help. @param failure null for a job that has not failed */
export function canResume(failure: Failure | null, hasCheckpoint: boolean): boolean {
  if (failure === null) return true;
  const { resume } = causeOf(failure);
  return resume === 'ALWAYS' || (resume === 'WITH_CHECKPOINT' && hasCheckpoint);
}
