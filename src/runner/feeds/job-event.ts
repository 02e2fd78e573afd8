import type { JobStatus } from '../job/status.ts';
import type { Job, Progress } from '../job/types.ts';

/** One message of a job's live feed. */
export interface JobEvent {
  /** Opaque; pass it as `after` to continue from here, also after a restart of the server. */
  readonly cursor: string;
  /** The status of this event; `job` may already be newer. */
  readonly status: JobStatus;
  readonly progress: Progress;
  readonly job: Job;
  /** True if `after` could not be honoured, so that this is a fresh snapshot. */
  readonly gap: boolean;
}
