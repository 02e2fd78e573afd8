import { useEffect, useState } from 'react';
import { Link } from 'wouter';
import type { DependenciesOfJobQuery, DependencyCondition, JobDetailFragment } from '../graphql/graphql.ts';
import { StatusBadge } from '../jobs/status.tsx';
import { useSession } from '../live/session-context.ts';
import { DependenciesDocument } from './operations.ts';

type Dependency = NonNullable<DependenciesOfJobQuery['job']>['dependsOn'][number];

/** The end of a sentence about the other job. */
export const CONDITION_NAMES: Readonly<Record<DependencyCondition, string>> = {
  AFTER_OK: 'completes',
  AFTER_END: 'ends',
  AFTER_FAILURE: 'fails',
};

/** The jobs after which a job starts, with links. Nothing for a job that waits for no other. */
export function Dependencies({ job: { id, attempt, waitingFor, status } }: { job: JobDetailFragment }) {
  const session = useSession();
  const [dependencies, setDependencies] = useState<readonly Dependency[]>([]);
  useEffect(() => {
    let isCurrent = true;
    session
      .query(DependenciesDocument, { id })
      .then(({ job }) => isCurrent && setDependencies(job?.dependsOn ?? []))
      // The rest of the page shows that the server does not answer.
      .catch(() => undefined);
    return () => {
      isCurrent = false;
    };
    // The reason why the job waits changes with its dependencies.
  }, [session, id, attempt, waitingFor, status]);
  if (dependencies.length === 0) return null;
  return (
    <>
      <h3>Starts after</h3>
      <ul className="dependencies" aria-label="Starts after">
        {dependencies.map(({ id: other, when, isMet, job }) => (
          <li key={other}>
            {job ? <Link href={`/jobs/${other}`}>{job.name ?? other}</Link> : `${other} (deleted)`}{' '}
            {CONDITION_NAMES[when]}
            {isMet ? ' (done)' : job && <StatusBadge status={job.status} health={job.health} />}
          </li>
        ))}
      </ul>
    </>
  );
}
