import { useCallback } from 'react';
import { Link } from 'wouter';
import { hasEnded } from '../../client/job-progress.ts';
import type { StepRange } from '../curves/curve.ts';
import { CurveControls } from '../curves/curve-settings.tsx';
import { useCurveSettings } from '../curves/use-curve-settings.ts';
import type { FollowedJob } from '../follow/followed-job.ts';
import type { FollowedJobs, FollowedJobsView } from '../follow/followed-jobs.ts';
import { useDetail } from '../follow/use-detail.ts';
import { useFollowedJobs } from '../follow/use-followed-jobs.ts';
import { chosenStep } from '../score/chosen-step.ts';
import { EvaluationCard } from '../score/evaluation-card.tsx';
import { usePageTitle } from '../layout/page-title.ts';
import { PredictCard } from '../predict/predict-card.tsx';
import { FactsCard } from './facts-card.tsx';
import { FailureCard } from './failure-card.tsx';
import { FilesCard } from './files-card.tsx';
import { JobCharts } from './job-charts.tsx';
import { JobHead } from './job-head.tsx';
import { LogCard } from './log-card.tsx';
import { NotesCard } from './notes-card.tsx';
import { ProvenanceCard } from './provenance-card.tsx';
import { StopNotice } from './stop-notice.tsx';
import './job.css';

/** One live job: progress, curves, log, settings and actions. */
export function JobPage({ params: { id } }: { params: { id: string } }) {
  const { isLoading, problem, ...following } = useFollowedJobs([id]);
  const [followed] = following.jobs;
  usePageTitle(followed ? (followed.job.name ?? followed.job.id) : 'Job');
  return (
    <>
      <p className="job-back">
        <Link href="/">← All jobs</Link>
      </p>
      {problem !== null && <p className="notice bad">{problem}</p>}
      {followed ? (
        <JobContent followed={followed} {...following} />
      ) : isLoading ? (
        <p role="status">Loading…</p>
      ) : problem === null ? (
        <>
          <h1>Job not found</h1>
          <p>No job has the id {id}. It may have been deleted.</p>
        </>
      ) : null}
    </>
  );
}

function JobContent({
  followed,
  draw,
  readDetail,
  ...view
}: { followed: FollowedJob } & Pick<FollowedJobsView, 'jobs' | 'drawn'> & Pick<FollowedJobs, 'draw' | 'readDetail'>) {
  const { job, names } = followed;
  const [settings, setSettings] = useCurveSettings();
  const curves = useDetail(view, settings.range, readDetail).get(job.id) ?? followed.curves;
  const zoom = useCallback((range: StepRange) => setSettings((before) => ({ ...before, range })), [setSettings]);
  return (
    <>
      <JobHead job={job} />
      {job.failure && (
        <FailureCard failure={job.failure} retryAt={job.retryAt} hasCheckpoint={job.checkpoint !== null} />
      )}
      <StopNotice job={job} />
      <div className="job-columns">
        <section aria-label="Curves" className="job-main">
          <EvaluationCard job={job} />
          {names.size > 0 && <CurveControls settings={settings} lastStep={job.progress.step} onChange={setSettings} />}
          {(names.size > 0 || job.trainer !== 'prediction') && (
            <JobCharts
              names={names}
              curves={curves}
              status={job.status}
              mark={chosenStep(job)}
              settings={settings}
              onZoom={zoom}
              draw={draw}
            />
          )}
          <PredictCard job={job} />
          <LogCard id={job.id} attempt={job.attempt} hasEnded={hasEnded(job.status)} />
        </section>
        <div className="job-side">
          <FactsCard job={job} />
          <FilesCard id={job.id} status={job.status} />
          <ProvenanceCard id={job.id} status={job.status} />
          <NotesCard key={job.id} job={job} />
        </div>
      </div>
    </>
  );
}
