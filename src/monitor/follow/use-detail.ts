import { useEffect, useRef, useState } from 'react';
import { concatenate, type Curves, type StepRange, clip } from '../curves/curve.ts';
import type { FollowedJobs, FollowedJobsView } from './followed-jobs.ts';

interface Detail {
  readonly range: StepRange;
  readonly curves: ReadonlyMap<string, Curves>;
}

/** The drawn curves of jobs by job id. Within `range` they have a higher resolution as soon as it has been read. */
export function useDetail(
  { jobs, drawn }: Pick<FollowedJobsView, 'jobs' | 'drawn'>,
  range: StepRange | null,
  readDetail: FollowedJobs['readDetail'],
): ReadonlyMap<string, Curves> {
  const [detail, setDetail] = useState<Detail | null>(null);
  const ids = jobs.map(({ job }) => job.id).join(',');
  const newest = useRef(jobs);
  newest.current = jobs;
  useEffect(() => {
    if (range === null || ids === '') return;
    let isCurrent = true;
    const reading = newest.current.map(
      async (followed) => [followed.job.id, await readDetail(followed, range)] as const,
    );
    Promise.all(reading).then(
      (read) => {
        if (isCurrent) setDetail({ range, curves: new Map(read) });
      },
      // The page keeps showing the downsampled curves.
      () => undefined,
    );
    return () => {
      isCurrent = false;
    };
  }, [ids, range, drawn, readDetail]);
  return new Map(
    jobs.map(({ job, curves }) => {
      const detailed = detail !== null && detail.range === range ? detail.curves.get(job.id) : undefined;
      return [job.id, detailed && range ? concatenate(detailed, clip(curves, range)) : curves];
    }),
  );
}
