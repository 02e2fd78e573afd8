import { useCallback, useMemo } from 'react';
import { Link, useSearch } from 'wouter';
import { differingSettings, labelJobs } from '../../client/compare-jobs.ts';
import { ChartSections } from '../curves/chart-sections.tsx';
import { curveColor } from '../curves/colors.ts';
import type { StepRange } from '../curves/curve.ts';
import { CurveControls } from '../curves/curve-settings.tsx';
import { useCurveSettings } from '../curves/use-curve-settings.ts';
import type { ChartGroup } from '../curves/metric-groups.ts';
import type { FollowedJobs, FollowedJobsView } from '../follow/followed-jobs.ts';
import { useDetail } from '../follow/use-detail.ts';
import { useFollowedJobs } from '../follow/use-followed-jobs.ts';
import { MAX_COMPARED } from '../jobs/selection.ts';
import { usePageTitle } from '../layout/page-title.ts';
import { useSession } from '../live/session-context.ts';
import { CompareTable } from './compare-table.tsx';
import './compare.css';

/** Compares jobs: one live chart for each metric, by step. */
export function ComparePage() {
  usePageTitle('Compare');
  const requested = new URLSearchParams(useSearch()).get('jobs') ?? '';
  const ids = [...new Set(requested.split(','))].filter((id) => id !== '').slice(0, MAX_COMPARED);
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

/** The names of the jobs that were compared, by id: a deleted job has none any more. For `Session.getOrCreate`. */
const createKnownNames = () => new Map<string, string>();

function Comparison({ ids }: { ids: readonly string[] }) {
  const { isLoading, problem, ...following } = useFollowedJobs(ids);
  const { jobs } = following;
  const known = useSession().getOrCreate(createKnownNames);
  for (const { job } of jobs) known.set(job.id, job.name ?? job.id);
  const missing = ids.filter((id) => jobs.every(({ job }) => job.id !== id)).map((id) => known.get(id) ?? id);
  return (
    <>
      {problem !== null && <p className="notice bad">{problem}</p>}
      {isLoading && <p role="status">Loading…</p>}
      {!isLoading && problem === null && missing.length > 0 && (
        <p className="notice compare-missing" role="status">
          {missing.length === 1
            ? `The job ${missing[0] ?? ''} of this link has been deleted.`
            : `${missing.length} jobs of this link have been deleted: ${missing.join(', ')}.`}
        </p>
      )}
      {jobs.length > 0 && <ComparedJobs {...following} />}
    </>
  );
}

function ComparedJobs({
  jobs,
  drawn,
  draw,
  readDetail,
}: Pick<FollowedJobsView, 'jobs' | 'drawn'> & Pick<FollowedJobs, 'draw' | 'readDetail'>) {
  const [settings, setSettings] = useCurveSettings();
  const detail = useDetail({ jobs, drawn }, settings.range, readDetail);
  const labels = labelJobs(jobs.map(({ job }) => job));
  const lastStep = Math.max(0, ...jobs.map(({ job }) => job.progress.step));
  const zoom = useCallback((range: StepRange) => setSettings((before) => ({ ...before, range })), [setSettings]);
  const names = [...new Set(jobs.flatMap((followed) => [...followed.names]))].join('\n');
  const groups = useMemo(() => toGroups(names), [names]);
  return (
    <div className="compared">
      <CompareTable
        jobs={jobs.map(({ job }) => job)}
        labels={labels}
        settings={differingSettings(jobs.map(({ job }) => job))}
      />
      {groups.length > 0 && <CurveControls settings={settings} lastStep={lastStep} onChange={setSettings} />}
      <ChartSections
        groups={groups}
        linesOf={({ title }) =>
          jobs.flatMap(({ job }, index) => {
            const curve = detail.get(job.id)?.get(title);
            return curve ? [{ label: labels[index] ?? job.id, color: curveColor(index), curve }] : [];
          })
        }
        settings={settings}
        onZoom={zoom}
        onDraw={draw}
      />
    </div>
  );
}

/** One chart for each metric. @param one name per line */
function toGroups(names: string): ChartGroup[] {
  return names === '' ? [] : names.split('\n').map((name) => ({ title: name, names: [name] }));
}
