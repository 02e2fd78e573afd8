import { useMemo } from 'react';
import { useSearch } from 'wouter';
import { useSession } from '../live/session-context.ts';
import { createJobList, type JobList } from './job-list.ts';
import { addressOf, type JobQuery, parseJobQuery } from './job-query.ts';

interface KeptList {
  readonly address: string;
  readonly list: JobList;
}

/** The list that was shown last, so that who comes back from a job finds it as it was left. */
const keepLast = (): { last?: KeptList } => ({});

/** The list that the address asks for. */
export function useJobList(): { readonly list: JobList; readonly query: JobQuery } {
  const session = useSession();
  const search = useSearch();
  return useMemo(() => {
    const query = parseJobQuery(search);
    const address = addressOf(query);
    const kept = session.own(keepLast);
    if (kept.last?.address === address) return { list: kept.last.list, query };
    const list = createJobList(session, query);
    kept.last = { address, list };
    return { list, query };
  }, [session, search]);
}
