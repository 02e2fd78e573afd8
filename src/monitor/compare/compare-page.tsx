import { useState } from 'react';
import { Link, useSearch } from 'wouter';
import { Chart } from '../curves/chart.tsx';
import { curveColor } from '../curves/colors.ts';
import { CurveControls, DEFAULT_CURVE_SETTINGS } from '../curves/curve-settings.tsx';
import type { FollowedJob, FollowedJobs } from '../follow/followed-jobs.ts';
import { useDetail } from '../follow/use-detail.ts';
import { useFollowedJobs } from '../follow/use-followed-jobs.ts';
import { MAX_SELECTED } from '../jobs/selection.ts';
import { usePageTitle } from '../layout/page-title.ts';
import { CompareTable } from './compare-table.tsx';
import { differingSettings, labelJobs } from './settings.ts';
import './compare.css';

/** Compares jobs: one live chart for each metric, by step. */
export function ComparePage() {
  usePageTitle('Compare');
  const requested = new URLSearchParams(useSearch()).get('jobs') ?? '';
  const ids = [...new Set(requested.split(','))].filter((id) => id !== '').slice(0, MAX_SELECTED);
  return (
    <>
      <p className="job-back">
        <Link href="/">← All jobs</Link>
      </p>
      <h1>Compare</h1>
      {ids.length === 0 ? (
        <p>
          Select jobs in <Link href="/">the list</Link>, then press Compare.
        </p>
      ) : (
        <Comparison ids={ids} />
      )}
    </>
  );
}

function Comparison({ ids }: { ids: readonly string[] }) {
  const { jobs, isLoading, problem, readDetail } = useFollowedJobs(ids);
  return (
    <>
      {problem !== null && <p className="notice bad">{problem}</p>}
      {isLoading && <p role="status">Loading…</p>}
      {jobs.length > 0 && <ComparedJobs jobs={jobs} readDetail={readDetail} />}
      {!isLoading && problem === null && jobs.length === 0 && <p>These jobs have been deleted.</p>}
    </>
  );
}

function ComparedJobs({ jobs, readDetail }: { jobs: readonly FollowedJob[] } & Pick<FollowedJobs, 'readDetail'>) {
  const [settings, setSettings] = useState(DEFAULT_CURVE_SETTINGS);
  const detail = useDetail(jobs, settings.range, readDetail);
  const labels = labelJobs(jobs.map(({ job }) => job));
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

/** The validation loss first, then the loss, then other metrics by name. */
function byImportance(a: string, b: string): number {
  const rank = (name: string) => (name === 'val_loss' ? 0 : name === 'loss' ? 1 : 2);
  return rank(a) - rank(b) || a.localeCompare(b);
}
