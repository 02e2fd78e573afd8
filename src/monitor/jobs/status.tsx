import { JOB_STATUSES } from '../../client/graphql/job-statuses.ts';
import type { Health, JobStatus } from '../graphql/graphql.ts';
import './status.css';

/** The status of a job. Shape and colour both identify it. */
export function StatusBadge({ status, health }: { status: JobStatus; health: Health }) {
  const { label, tone } =
    health === 'STALLED' ? ({ label: 'Stalled', tone: 'WAITING' } as const) : JOB_STATUSES[status];
  return (
    <span className="status" data-tone={tone}>
      <svg viewBox="0 0 12 12" aria-hidden="true">
        {SHAPES[tone]}
      </svg>
      {label}
    </span>
  );
}

const SHAPES = {
  ACTIVE: <circle cx="6" cy="6" r="4.5" />,
  WAITING: <circle cx="6" cy="6" r="3.75" className="hollow" />,
  SUCCESS: <path d="m2.5 6.5 2.5 2.5 4.5-5.5" className="stroke" />,
  NEUTRAL: <rect x="2" y="2" width="8" height="8" rx="1.5" />,
  FAILURE: <path d="m3 3 6 6m0-6-6 6" className="stroke" />,
} as const;

/** Progress of a job in percent. */
export function ProgressBar({ percent, status, label }: { percent: number; status: JobStatus; label: string }) {
  return (
    <div
      className="progress"
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(percent)}
      data-tone={JOB_STATUSES[status].tone}
    >
      {/* Moved rather than resized, which avoids a new layout. */}
      <div className="progress-bar" style={{ transform: `translateX(${percent - 100}%)` }} />
    </div>
  );
}
