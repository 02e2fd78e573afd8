import { useId } from 'react';
import { Link } from 'wouter';
import { useRights } from '../access/rights.ts';
import { formatCount } from '../format/numbers.ts';
import type { QueueStateFragment } from '../graphql/graphql.ts';
import { useSession } from '../live/session-context.ts';
import { useAction } from '../live/use-action.ts';
import { SetGroupLimitDocument } from './operations.ts';
import { PauseButton } from './pause-button.tsx';
import { queuePath } from './queue-path.ts';

type Group = QueueStateFragment['groups'][number];

/** The groups of the queue: how many of their jobs wait and run, their limits and pauses. */
export function QueueGroups({ groups, onChange }: { groups: readonly Group[]; onChange: () => void }) {
  return (
    <section className="card queue-groups" aria-labelledby="groups-title">
      <h2 id="groups-title">Groups</h2>
      <ul>
        {groups.map((group) => (
          <GroupRow key={group.name} group={group} onChange={onChange} />
        ))}
      </ul>
    </section>
  );
}

function GroupRow({ group, onChange }: { group: Group; onChange: () => void }) {
  const { canControlQueue } = useRights();
  const { name, isPaused, limit, running, waiting } = group;
  return (
    <li aria-label={`Group ${name}`}>
      <Link href={queuePath(name)}>{name}</Link>
      <span>
        {formatCount(waiting)} waiting, {formatCount(running)}
        {limit !== null && ` of ${formatCount(limit)}`} running
        {isPaused && ', paused'}
      </span>
      {canControlQueue && (
        <span className="queue-group-actions">
          <LimitForm key={limit} name={name} limit={limit} onDone={onChange} />
          <PauseButton group={name} isPaused={isPaused} onDone={onChange} />
        </span>
      )}
    </li>
  );
}

/** Sets the limit of a group; an empty field removes it. */
function LimitForm({ name, limit, onDone }: { name: string; limit: number | null; onDone: () => void }) {
  const session = useSession();
  const id = useId();
  const change = useAction(async (next: number | null) => {
    const { setGroupLimit: result } = await session.mutate(SetGroupLimitDocument, {
      input: { group: name, limit: next },
    });
    onDone();
    return 'message' in result ? result.message : null;
  });
  return (
    <form
      className="queue-limit"
      onSubmit={(event) => {
        event.preventDefault();
        const text = new FormData(event.currentTarget).get('limit');
        change.run(typeof text === 'string' && text !== '' ? Number(text) : null);
      }}
    >
      <label htmlFor={id}>
        Limit<span className="visually-hidden"> of the group {name}</span>
      </label>
      <input
        id={id}
        name="limit"
        type="number"
        min={1}
        max={100_000}
        step={1}
        placeholder="none"
        defaultValue={limit ?? ''}
      />
      <button className="button small" disabled={change.isBusy}>
        Set<span className="visually-hidden"> the limit of the group {name}</span>
      </button>
      {change.error !== null && (
        <span className="error-text" role="alert">
          {change.error}
        </span>
      )}
    </form>
  );
}
