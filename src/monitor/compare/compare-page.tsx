import { useState } from 'react';
import { Link, useSearch } from 'wouter';
import { Chart } from '../curves/chart.tsx';
import { curveColor } from '../curves/colors.ts';
import { CurveControls, PLAIN_CURVES } from '../curves/curve-settings.tsx';
import type { FollowedJob, FollowedJobs } from '../follow/followed-jobs.ts';
import { useDetail } from '../follow/use-detail.ts';
import { useFollowedJobs } from '../follow/use-followed-jobs.ts';
import { MOST_SELECTED } from '../jobs/selection.ts';
import { usePageTitle } from '../layout/page-title.ts';
import { CompareTable } from './compare-table.tsx';
import { differingSettings, labelsOf } from './settings.ts';
import './compare.css';

/** Several jobs in one plot for each metric, by step, live. */
export function ComparePage() {
  usePageTitle('Compare');
  const asked = new URLSearchParams(useSearch()).get('jobs') ?? '';
  const ids = [...new Set(asked.split(','))].filter((id) => id !== '').slice(0, MOST_SELECTED);
  return (
    <>
      <p className="job-back">
        <Link href="/">← All jobs</Link>
      </p>
      <h1>Compare</h1>
      {ids.length === 0 ? (
        <p>
          Tick some jobs in <Link href="/">the list</Link>, then press Compare.
        </p>
      ) : (
        <Compared ids={ids} />
      )}
    </>
  );
}

function Compared({ ids }: { ids: readonly string[] }) {
  const { jobs, isLoading, problem, readDetail } = useFollowedJobs(ids);
  return (
    <>
      {problem !== null && <p className="notice bad">{problem}</p>}
      {isLoading && <p role="status">Loading…</p>}
      {jobs.length > 0 && <ComparedJobs jobs={jobs} readDetail={readDetail} />}
      {!isLoading && problem === null && jobs.length === 0 && <p>None of these jobs is there any more.</p>}
    </>
  );
}

function ComparedJobs({ jobs, readDetail }: { jobs: readonly FollowedJob[] } & Pick<FollowedJobs, 'readDetail'>) {
  const [settings, setSettings] = useState(PLAIN_CURVES);
  const detail = useDetail(jobs, settings.range, readDetail);
  const labels = labelsOf(jobs.map(({ job }) => job));
  const lastStep = Math.max(0, ...jobs.map(({ job }) => job.progress.step));
  const metrics = [...new Set(jobs.flatMap(({ curves }) => [...curves.keys()]))].sort(byImportance);
  return (
    <div className="compared">
      <CompareTable
        jobs={jobs.map(({ job }) => job)}
        labels={labels}
        settings={differingSettings(jobs.map(({ job }) => job))}
      />
      {metrics.length > 0 && <CurveControls settings={settings} lastStep={lastStep} onChange={setSettings} />}
      <div className="charts">
        {metrics.map((metric) => (
          <Chart
            key={metric}
            title={metric}
            lines={jobs.flatMap(({ job }, index) => {
              const curve = detail.get(job.id)?.get(metric);
              return curve ? [{ label: labels[index] ?? job.id, color: curveColor(index), curve }] : [];
            })}
            settings={settings}
            onZoom={(range) => setSettings({ ...settings, range })}
          />
        ))}
      </div>
    </div>
  );
}

/** What jobs are mostly compared by comes first. */
function byImportance(a: string, b: string): number {
  const rank = (name: string) => (name === 'val_loss' ? 0 : name === 'loss' ? 1 : 2);
  return rank(a) - rank(b) || a.localeCompare(b);
}
