import { useEffect, useRef, useState } from 'react';
import { concatenate, type Curves, type StepRange, clip } from '../curves/curve.ts';
import type { FollowedJob, FollowedJobs } from './followed-jobs.ts';

interface Detail {
  readonly range: StepRange;
  readonly curves: ReadonlyMap<string, Curves>;
}

/** The curves of jobs by job id. Within `range` they have a higher resolution as soon as it has been read. */
export function useDetail(
  jobs: readonly FollowedJob[],
  range: StepRange | null,
  readDetail: FollowedJobs['readDetail'],
): ReadonlyMap<string, Curves> {
  const [detail, setDetail] = useState<Detail | null>(null);
  const ids = jobs.map(({ job }) => job.id).join(',');
  const newest = useRef(jobs);
  newest.current = jobs;
  useEffect(() => {
    setDetail(null);
    if (range === null || ids === '') return;
    let isCurrent = true;
    const reading = newest.current.map(async ({ job }) => [job.id, await readDetail(job, range)] as const);
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
  }, [ids, range, readDetail]);
  return new Map(
    jobs.map(({ job, curves }) => {
      const detailed = detail !== null && detail.range === range ? detail.curves.get(job.id) : undefined;
      return [job.id, detailed && range ? concatenate(detailed, clip(curves, range)) : curves];
    }),
  );
}
