import type { ReactNode } from 'react';
import { TimeAgo } from '../format/time-ago.tsx';
import { formatBytes, formatCount, formatNumber } from '../format/numbers.ts';
import type { JobDetailFragment } from '../graphql/graphql.ts';
import { writeArguments } from '../start/read-form.ts';

/** The settings and the history of a job. */
export function FactsCard({ job }: { job: JobDetailFragment }) {
  const options = Object.entries(job.options as Record<string, unknown>);
  return (
    <section className="card facts" aria-labelledby="facts-title">
      <h2 id="facts-title">Settings</h2>
      <dl>
        {job.dataset !== null && <Fact name="Dataset">{job.dataset}</Fact>}
        <Fact name="Trainer">
          {job.trainer}
          {job.backend !== 'AUTO' && ` (${job.backend.toLowerCase()})`}
        </Fact>
        {job.epochs !== null && <Fact name="Epochs">{formatCount(job.epochs)}</Fact>}
        {job.batchSize !== null && <Fact name="Batch size">{formatCount(job.batchSize)}</Fact>}
        {job.learningRate !== null && <Fact name="Learning rate">{formatNumber(job.learningRate)}</Fact>}
        {job.seed !== null && <Fact name="Seed">{String(job.seed)}</Fact>}
        {options.map(([name, value]) => (
          <Fact key={name} name={name}>
            <code>{JSON.stringify(value)}</code>
          </Fact>
        ))}
        {job.arguments.length > 0 && (
          <Fact name="Arguments">
            <code>{writeArguments(job.arguments)}</code>
          </Fact>
        )}
        {job.processes > 1 && <Fact name="Processes">{formatCount(job.processes)}</Fact>}
      </dl>
      <h2>History</h2>
      <dl>
        <Fact name="Created">
          <TimeAgo time={job.createdAt} />
          {job.startedBy !== null && ` by ${job.startedBy}`}
        </Fact>
        {job.startedAt !== null && (
          <Fact name="Started">
            <TimeAgo time={job.startedAt} />
          </Fact>
        )}
        {job.finishedAt !== null && (
          <Fact name="Ended">
            <TimeAgo time={job.finishedAt} />
          </Fact>
        )}
        {job.attempt > 1 && <Fact name="Attempt">{String(job.attempt)}</Fact>}
        {job.checkpoint && (
          <Fact name="Model">
            {job.checkpoint.path} ({formatBytes(job.checkpoint.bytes)}), saved <TimeAgo time={job.checkpoint.savedAt} />
          </Fact>
        )}
        {job.peakMemoryBytes !== null && <Fact name="Peak memory">{formatBytes(job.peakMemoryBytes)}</Fact>}
        <Fact name="Id">
          <code>{job.id}</code>
        </Fact>
      </dl>
    </section>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
