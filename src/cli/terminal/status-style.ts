import { JOB_STATUSES } from '../../client/graphql/job-statuses.ts';
import type { JobStatus } from '../graphql/graphql.ts';
import type { Style } from './screen.ts';

const TONE_STYLES = {
  WAITING: 'dim',
  ACTIVE: 'cyan',
  SUCCESS: 'green',
  NEUTRAL: 'yellow',
  FAILURE: 'red',
} as const satisfies Record<string, Style>;

/** The colour of a status. */
export function styleOf(status: JobStatus): Style {
  return TONE_STYLES[JOB_STATUSES[status].tone];
}
