import { Link } from 'wouter';
import { hasEnded, secondsLeft } from '../../client/job-progress.ts';
import { formatCount } from '../format/numbers.ts';
import { formatDuration } from '../format/times.ts';
import type { JobDetailFragment } from '../graphql/graphql.ts';
import { ProgressBar, StatusBadge } from '../jobs/status.tsx';
import { useTimeText } from '../live/use-time-text.ts';
import { JobActions } from './job-actions.tsx';

/** Name, status, progress and actions of a job. */
export function JobHead({ job }: { job: JobDetailFragment }) {
  const { progress, status } = job;
  const name = job.name ?? job.id;
  return (
    <section className="card job-head-card" aria-label="Progress">
      <div className="job-title">
        <h1>{name}</h1>
        <div className="job-title-line">
          <span role="status">
            <StatusBadge status={status} health={job.health} />
          </span>
          {job.simulation && <span className="tag quiet">simulation: the metrics are not real</span>}
          {job.tags.map((tag) => (
            <Link key={tag} href={`/?tag=${encodeURIComponent(tag)}`} className="tag">
              {tag}
            </Link>
          ))}
        </div>
      </div>
      <div className="job-progress-summary">
        <ProgressBar percent={progress.percent} status={status} label="Progress" />
        <p>
          <strong>{progress.percent.toFixed(hasEnded(status) ? 0 : 1)}%</strong>
          {progress.epoch > 0 && (
            <span>
              epoch {formatCount(progress.epoch)}
              {progress.epochs !== null && ` of ${formatCount(progress.epochs)}`}
            </span>
          )}
          {progress.step > 0 && <span>step {formatCount(progress.step)}</span>}
          {!hasEnded(status) && progress.samplesPerSecond !== null && (
            <span>{formatCount(Math.round(progress.samplesPerSecond))} rows/s</span>
          )}
          <TimeLeft job={job} />
        </p>
        {progress.message !== null && <p className="hint">{progress.message}</p>}
      </div>
      <JobActions job={job} />
    </section>
  );
}

function TimeLeft({
  job: { status, startedAt, earlierSeconds, finishedAt, progress, queuePosition },
}: {
  job: JobDetailFragment;
}) {
  const text = useTimeText((now) => {
    if (queuePosition !== null) return `queue position ${formatCount(queuePosition)}`;
    if (startedAt === null) return '';
    // Over all attempts.
    const end = finishedAt === null ? now : Date.parse(finishedAt);
    const taken = formatDuration(earlierSeconds + (end - Date.parse(startedAt)) / 1000);
    if (hasEnded(status)) return `took ${taken}`;
    const left = secondsLeft(progress);
    return left === null ? `running for ${taken}` : `running for ${taken}, about ${formatDuration(left)} left`;
  });
  return <span>{text}</span>;
}
