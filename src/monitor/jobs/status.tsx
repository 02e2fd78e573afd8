import type { Health, JobStatus } from '../graphql/graphql.ts';
import './status.css';

/** Text and tone of each status. */
const STATUS_DISPLAY: Readonly<Record<JobStatus, { readonly text: string; readonly tone: string }>> = {
  QUEUED: { text: 'Queued', tone: 'waiting' },
  STARTING: { text: 'Starting', tone: 'active' },
  LOADING: { text: 'Loading', tone: 'active' },
  RUNNING: { text: 'Running', tone: 'active' },
  STOPPING: { text: 'Stopping', tone: 'waiting' },
  COMPLETED: { text: 'Completed', tone: 'good' },
  STOPPED: { text: 'Stopped', tone: 'still' },
  ERROR: { text: 'Failed', tone: 'bad' },
};

/** The status of a job. Shape and colour both identify it. */
export function StatusBadge({ status, health }: { status: JobStatus; health: Health }) {
  const { text, tone } = health === 'STALLED' ? { text: 'Stalled', tone: 'waiting' } : STATUS_DISPLAY[status];
  return (
    <span className="status" data-tone={tone}>
      <svg viewBox="0 0 12 12" aria-hidden="true">
        {SHAPES[tone]}
      </svg>
      {text}
    </span>
  );
}

const SHAPES: Readonly<Record<string, React.ReactNode>> = {
  active: <circle cx="6" cy="6" r="4.5" />,
  waiting: <circle cx="6" cy="6" r="3.75" className="hollow" />,
  good: <path d="m2.5 6.5 2.5 2.5 4.5-5.5" className="stroke" />,
  still: <rect x="2" y="2" width="8" height="8" rx="1.5" />,
  bad: <path d="m3 3 6 6m0-6-6 6" className="stroke" />,
};

/** Whether a job has ended: completed, stopped or failed. */
export function hasEnded(status: JobStatus): boolean {
  return status === 'COMPLETED' || status === 'STOPPED' || status === 'ERROR';
}

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
      data-tone={STATUS_DISPLAY[status].tone}
    >
      {/* Moved rather than resized, which avoids a new layout. */}
      <div className="progress-bar" style={{ transform: `translateX(${percent - 100}%)` }} />
    </div>
  );
}
