import { useEffect, useMemo } from 'react';
import { useSession } from '../live/session-context.ts';
import { useStore } from '../live/store.ts';
import { createFollowedJobs, type FollowedJobs, type FollowedJobsView } from './followed-jobs.ts';

/** Follows jobs while the component is mounted. */
export function useFollowedJobs(ids: readonly string[]): FollowedJobsView & Pick<FollowedJobs, 'draw' | 'readDetail'> {
  const session = useSession();
  const key = ids.join(',');
  const followed = useMemo(() => createFollowedJobs(session, key.split(',')), [session, key]);
  useEffect(() => followed.follow(), [followed]);
  return { ...useStore(followed.view), draw: followed.draw, readDetail: followed.readDetail };
}
