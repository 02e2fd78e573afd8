import { useEffect, useRef, useState } from 'react';
import { continued, type Curves, type StepRange, within } from '../curves/curve.ts';
import type { FollowedJob, FollowedJobs } from './followed-jobs.ts';

interface Detail {
  readonly range: StepRange;
  readonly curves: ReadonlyMap<string, Curves>;
}

/** The curves of jobs by their ids; within a range of steps in more detail, as soon as that is read. */
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
    let isWanted = true;
    const reading = newest.current.map(async ({ job }) => [job.id, await readDetail(job, range)] as const);
    Promise.all(reading).then(
      (read) => {
        if (isWanted) setDetail({ range, curves: new Map(read) });
      },
      // What is known already is shown, thinned as it is.
      () => undefined,
    );
    return () => {
      isWanted = false;
    };
  }, [ids, range, readDetail]);
  return new Map(
    jobs.map(({ job, curves }) => {
      const fine = detail !== null && detail.range === range ? detail.curves.get(job.id) : undefined;
      return [job.id, fine && range ? continued(fine, within(curves, range)) : curves];
    }),
  );
}
