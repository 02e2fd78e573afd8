import { Link } from 'wouter';
import { useRights } from '../access/rights.ts';
import { formatCount } from '../format/numbers.ts';
import type { WaitingJobFragment } from '../graphql/graphql.ts';
import { Icon } from '../layout/icon.tsx';
import { queuePath } from './queue-path.ts';
import type { Drag } from './use-drag.ts';
import { WaitReason } from './wait-reason.tsx';

const MOVES = [
  { to: 'FIRST', icon: 'first', label: 'to the front' },
  { to: 'UP', icon: 'up', label: 'up' },
  { to: 'DOWN', icon: 'down', label: 'down' },
] as const;

/** One waiting job: its position, why it waits, and buttons that move it. */
export function QueueRow({
  job,
  isFirst,
  isLast,
  isBusy,
  drag,
  onMove,
}: {
  job: WaitingJobFragment;
  /** Whether it is the first of the list, which may show one group only. */
  isFirst: boolean;
  isLast: boolean;
  isBusy: boolean;
  drag: Drag;
  onMove: (to: (typeof MOVES)[number]['to']) => void;
}) {
  const canMove = useRights().canChangeJobOf(job.startedBy);
  const name = job.name ?? job.id;
  return (
    <li
      className="queue-row"
      draggable={canMove}
      data-dragged={drag.dragged === job.id ? '' : undefined}
      data-drop={drag.place?.id === job.id && drag.dragged !== job.id ? drag.place.side : undefined}
      {...drag.rowProperties(job.id)}
    >
      <span className="queue-position">{formatCount(job.queuePosition ?? 0)}</span>
      <span className="queue-what">
        <Link href={`/jobs/${job.id}`} className="job-name" draggable={false}>
          {name}
        </Link>
        <span className="hint">
          {job.dataset ?? job.trainer}
          {job.priority !== 0 && ` · priority ${formatCount(job.priority)}`}
          {job.startedBy !== null && ` · ${job.startedBy}`}
          {job.group !== null && (
            <Link href={queuePath(job.group)} className="tag" draggable={false}>
              {job.group}
            </Link>
          )}
        </span>
      </span>
      <span className="queue-reason">
        <WaitReason text={job.waitingFor} />
      </span>
      {canMove && (
        <span className="queue-moves">
          {MOVES.map(({ to, icon, label }) => (
            <button
              key={to}
              type="button"
              className="button quiet icon-only"
              aria-label={`Move ${name} ${label}`}
              title={`Move ${label}`}
              // Not disabled, which would drop the focus after the last step.
              aria-disabled={isBusy || (to === 'DOWN' ? isLast : isFirst)}
              onClick={() => onMove(to)}
            >
              <Icon name={icon} />
            </button>
          ))}
        </span>
      )}
    </li>
  );
}
