import { Link, useLocation } from 'wouter';
import type { DifferingSetting } from '../../client/compare-jobs.ts';
import { curveColor } from '../curves/colors.ts';
import { type Metrics, nonFiniteText } from '../curves/curve.ts';
import { readable } from '../curves/use-curve-settings.ts';
import { formatNumber } from '../format/numbers.ts';
import type { JobDetailFragment } from '../graphql/graphql.ts';
import { StatusBadge } from '../jobs/status.tsx';
import { Icon } from '../layout/icon.tsx';
import { ScoreCell } from '../score/score-cell.tsx';

/** The compared jobs: the colour of each, its status, and the settings in which they differ. */
export function CompareTable({
  jobs,
  labels,
  settings,
}: {
  jobs: readonly JobDetailFragment[];
  labels: readonly string[];
  settings: readonly DifferingSetting[];
}) {
  const [, navigate] = useLocation();
  /** The address without a job, with the settings of the charts. */
  const without = (id: string) => {
    const parameters = new URLSearchParams(location.search);
    const ids = jobs.filter((job) => job.id !== id).map((job) => job.id);
    parameters.set('jobs', ids.join(','));
    return `/compare?${readable(parameters)}`;
  };
  return (
    <div className="card compare-table" role="region" aria-label="Compared jobs" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">Job</th>
            <th scope="col">Status</th>
            <th scope="col">Score</th>
            <th scope="col">Loss</th>
            <th scope="col">Validation</th>
            {settings.map(({ name }) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
            <th scope="col">
              <span className="visually-hidden">Remove</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {jobs.map((job, index) => (
            <tr key={job.id}>
              <th scope="row">
                <span className="compare-color" style={{ background: curveColor(index) }} />
                <Link href={`/jobs/${job.id}`}>{labels[index]}</Link>
                {job.simulation && <span className="tag quiet">simulation</span>}
              </th>
              <td>
                <StatusBadge status={job.status} health={job.health} />
              </td>
              <td className="compare-score" data-label="Score">
                {job.score ? <ScoreCell score={job.score} /> : '–'}
              </td>
              <td data-label="Loss">{newestValue(job.progress.metrics as Metrics, 'loss')}</td>
              <td data-label="Validation">{newestValue(job.progress.metrics as Metrics, 'val_loss')}</td>
              {settings.map(({ name, values }) => (
                <td key={name} data-label={name}>
                  {values[index] || <span className="hint">default</span>}
                </td>
              ))}
              <td>
                <button
                  type="button"
                  className="button quiet small"
                  aria-label={`Remove ${labels[index] ?? job.id}`}
                  onClick={() => navigate(without(job.id), { replace: true })}
                >
                  <Icon name="close" />
                </button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The newest value of a metric; a dash if there is none. */
function newestValue(metrics: Metrics, name: string): string {
  const value = metrics[name];
  return typeof value === 'number' ? formatNumber(value) : (nonFiniteText(value) ?? '–');
}
