import { useId, useMemo, useState } from 'react';
import { useQuery } from 'urql';
import { JOB_STATUSES } from '../../client/graphql/job-statuses.ts';
import type { DependencyCondition } from '../graphql/graphql.ts';
import { TABS } from '../jobs/job-query.ts';
import { Icon } from '../layout/icon.tsx';
import { CONDITION_NAMES } from '../queue/dependencies.tsx';
import { UnfinishedJobsDocument } from './operations.ts';

/** Jobs that the form offers: the largest page of the API. */
const OFFERED = 200;

/** Selects jobs after which the new one starts: any number of rows, each with a job and a condition. */
export function DependencyFields({ error }: { error: string | null }) {
  const [rows, setRows] = useState<readonly number[]>([]);
  const variables = useMemo(() => ({ statuses: [...TABS.active], first: OFFERED }), []);
  const [{ data }] = useQuery({ query: UnfinishedJobsDocument, variables, pause: rows.length === 0 });
  const jobs = data?.jobs.edges.map(({ node }) => node);
  return (
    <fieldset className="start-after">
      <legend>Start after other jobs</legend>
      {rows.map((row) => (
        <DependencyRow key={row} jobs={jobs} onRemove={() => setRows(rows.filter((other) => other !== row))} />
      ))}
      <button type="button" className="button small" onClick={() => setRows([...rows, Math.max(0, ...rows) + 1])}>
        <Icon name="plus" />
        Add a job
      </button>
      {error !== null && (
        <span className="error-text" role="alert">
          {error}
        </span>
      )}
    </fieldset>
  );
}

function DependencyRow({
  jobs,
  onRemove,
}: {
  /** Undefined until they are loaded. */
  jobs: readonly { id: string; name: string | null; status: keyof typeof JOB_STATUSES }[] | undefined;
  onRemove: () => void;
}) {
  const id = useId();
  return (
    <div className="start-after-row">
      <label htmlFor={id} className="visually-hidden">
        Job to wait for
      </label>
      <select id={id} name="dependsOn.id" defaultValue="">
        <option value="">{jobs?.length === 0 ? 'no unfinished job' : 'choose a job'}</option>
        {jobs?.map((job) => (
          <option key={job.id} value={job.id}>
            {job.name ?? job.id} ({JOB_STATUSES[job.status].label.toLowerCase()})
          </option>
        ))}
      </select>
      <select name="dependsOn.when" aria-label="Condition" defaultValue="AFTER_OK">
        {Object.entries(CONDITION_NAMES).map(([condition, name]) => (
          <option key={condition} value={condition satisfies string as DependencyCondition}>
            {name}
          </option>
        ))}
      </select>
      <button type="button" className="button quiet icon-only" aria-label="Remove this job" onClick={onRemove}>
        <Icon name="close" />
      </button>
    </div>
  );
}
