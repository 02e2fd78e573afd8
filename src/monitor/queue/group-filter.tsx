import { useId } from 'react';
import { useLocation } from 'wouter';
import type { QueueStateFragment } from '../graphql/graphql.ts';
import { queuePath } from './queue-path.ts';

/** Selects the group whose jobs the queue lists. The address has it. */
export function GroupFilter({ groups, chosen }: { groups: QueueStateFragment['groups']; chosen: string | null }) {
  const id = useId();
  const [, navigate] = useLocation();
  const names = groups.map(({ name }) => name);
  // A group without jobs, limit and pause is not among the groups of the queue.
  const known = chosen === null || names.includes(chosen) ? names : [chosen, ...names];
  return (
    <div className="queue-filter">
      <label htmlFor={id}>Group</label>
      <select
        id={id}
        value={chosen ?? ''}
        onChange={({ target: { value } }) => navigate(queuePath(value === '' ? null : value), { replace: true })}
      >
        <option value="">all</option>
        {known.map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
    </div>
  );
}
