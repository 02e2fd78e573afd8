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
  /** True if the feed could not continue from `after`, so that this is a new snapshot. */
  readonly gap: boolean;
}
