import { useMemo } from 'react';
import { useSearch } from 'wouter';
import { useSession } from '../live/session-context.ts';
import { createJobList, type JobList } from './job-list.ts';
import { listUrl, type JobQuery, parseJobQuery } from './job-query.ts';

interface CachedList {
  readonly url: string;
  readonly list: JobList;
}

/** The last list, so that a user who returns from a job finds it unchanged. */
const createListCache = (): { last?: CachedList } => ({});

/** The list for the current URL. */
export function useJobList(): { readonly list: JobList; readonly query: JobQuery } {
  const session = useSession();
  const search = useSearch();
  return useMemo(() => {
    const query = parseJobQuery(search);
    const url = listUrl(query);
    const cache = session.getOrCreate(createListCache);
    if (cache.last?.url === url) return { list: cache.last.list, query };
    const list = createJobList(session, query);
    cache.last = { url, list };
    return { list, query };
  }, [session, search]);
}
