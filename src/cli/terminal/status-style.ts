import type { JobStatus } from '../graphql/graphql.ts';
import type { Style } from './screen.ts';

/** The colour of each status. */
export const STATUS_STYLES: Readonly<Record<JobStatus, Style>> = {
  QUEUED: 'dim',
  STARTING: 'cyan',
  LOADING: 'cyan',
  RUNNING: 'cyan',
  STOPPING: 'yellow',
  COMPLETED: 'green',
  STOPPED: 'yellow',
  ERROR: 'red',
};
