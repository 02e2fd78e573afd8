import { useEffect, useMemo } from 'react';
import { useSearch } from 'wouter';
import { formatCount } from '../format/numbers.ts';
import type { QueueStateFragment } from '../graphql/graphql.ts';
import { usePageTitle } from '../layout/page-title.ts';
import { useSession } from '../live/session-context.ts';
import { useStore } from '../live/store.ts';
import { useRights } from '../access/rights.ts';
import { GroupFilter } from './group-filter.tsx';
import { createLiveQueue } from './live-queue.ts';
import { PauseButton } from './pause-button.tsx';
import { QueueGroups } from './queue-groups.tsx';
import { QueueList } from './queue-list.tsx';
import './queue.css';

/** The waiting jobs in order with the reason why each waits, the pause of the queue, and its groups. */
export function QueuePage() {
  usePageTitle('Queue');
  const session = useSession();
  const group = new URLSearchParams(useSearch()).get('group');
  const live = useMemo(() => createLiveQueue(session, group), [session, group]);
  useEffect(() => live.follow(), [live]);
  const { queue, jobs, total, problem } = useStore(live.view);
  const { canControlQueue } = useRights();
  return (
    <>
      <div className="page-head">
        <h1>Queue</h1>
        {queue && canControlQueue && <PauseButton group={null} isPaused={queue.isPaused} onDone={live.refresh} />}
      </div>
      {problem !== null && <p className="notice bad">{problem}</p>}
      {queue === null && problem === null && <p role="status">Loading…</p>}
      {queue && (
        <>
          <Overview queue={queue} />
          {queue.groups.length > 0 && <QueueGroups groups={queue.groups} onChange={live.refresh} />}
          <section aria-labelledby="waiting-title">
            <div className="queue-head">
              <h2 id="waiting-title">Waiting jobs</h2>
              {(queue.groups.length > 0 || group !== null) && <GroupFilter groups={queue.groups} chosen={group} />}
            </div>
            {jobs.length === 0 ? (
              <p className="card queue-empty">
                {group === null ? 'No jobs are waiting.' : `No jobs of the group ${group} are waiting.`}
              </p>
            ) : (
              <QueueList jobs={jobs} live={live} />
            )}
            {jobs.length < total && (
              <p className="hint">
                The first {formatCount(jobs.length)} of {formatCount(total)} waiting jobs.
              </p>
            )}
          </section>
        </>
      )}
    </>
  );
}

function Overview({ queue: { isPaused, waiting, running, slots } }: { queue: QueueStateFragment }) {
  return (
    <>
      <p className="queue-overview" role="status">
        {formatCount(waiting)} waiting,{' '}
        {slots === null
          ? `${formatCount(running)} on the cluster or in its queue.`
          : `${formatCount(running)} of ${formatCount(slots)} slots in use.`}
      </p>
      {isPaused && <p className="notice">The queue is paused: no more jobs start, and running ones continue.</p>}
    </>
  );
}
