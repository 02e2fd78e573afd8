import { Fragment, type ReactNode } from 'react';
import { Link } from 'wouter';
import { shownSettings, writeOption } from '../../client/job-settings.ts';
import { TimeAgo } from '../format/time-ago.tsx';
import { formatBytes, formatCount, formatNumber } from '../format/numbers.ts';
import type { JobDetailFragment } from '../graphql/graphql.ts';
import { Dependencies } from '../queue/dependencies.tsx';
import { WaitReason } from '../queue/wait-reason.tsx';
import { writeArguments } from '../start/arguments.ts';

const TITLES: Readonly<Record<string, string>> = {
  epochs: 'Epochs',
  'batch size': 'Batch size',
  'learning rate': 'Learning rate',
  seed: 'Seed',
};

/** The settings and the history of a job. */
export function FactsCard({ job }: { job: JobDetailFragment }) {
  const settings = shownSettings(job);
  const given = settings.filter(({ isGiven }) => isGiven);
  const chosen = settings.filter(({ isGiven }) => !isGiven);
  return (
    <section className="card facts" aria-labelledby="facts-title">
      <h2 id="facts-title">Settings</h2>
      <dl>
        {job.dataset !== null && <Fact name="Dataset">{job.dataset}</Fact>}
        <Fact name="Trainer">
          {job.trainer}
          {job.backend !== 'AUTO' && ` (${job.backend.toLowerCase()})`}
        </Fact>
        {given.map(({ name, value }) => (
          <Fact key={name} name={TITLES[name] ?? name}>
            {settingText(name, value)}
          </Fact>
        ))}
        {job.arguments.length > 0 && (
          <Fact name="Arguments">
            <code>{writeArguments(job.arguments)}</code>
          </Fact>
        )}
        {job.group !== null && (
          <Fact name="Group">
            <Link href={`/?group=${encodeURIComponent(job.group)}`}>{job.group}</Link>
          </Fact>
        )}
        {job.processes > 1 && <Fact name="Processes">{formatCount(job.processes)}</Fact>}
      </dl>
      {chosen.length > 0 && (
        <>
          <h3>Defaults and choices of the trainer</h3>
          <dl>
            {chosen.map(({ name, value }) => (
              <Fact key={name} name={TITLES[name] ?? name}>
                {settingText(name, value)}
              </Fact>
            ))}
          </dl>
        </>
      )}
      <h2>History</h2>
      <dl>
        <Fact name="Created">
          <TimeAgo time={job.createdAt} />
          {job.startedBy !== null && ` by ${job.startedBy}`}
        </Fact>
        {job.status === 'QUEUED' && job.waitingFor !== null && (
          <Fact name="Waiting">
            <WaitReason text={job.waitingFor} />
          </Fact>
        )}
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
      <Dependencies job={job} />
    </section>
  );
}

function settingText(name: string, value: unknown): ReactNode {
  if (typeof value !== 'number' || name === 'seed') return <code>{writeOption(value)}</code>;
  return Number.isInteger(value) ? formatCount(value) : formatNumber(value);
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{breakable(name)}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** A name that may break after each underscore, instead of anywhere. */
function breakable(name: string): ReactNode {
  return name.split(/(?<=_)/).map((part, index) => (
    <Fragment key={index}>
      {index > 0 && <wbr />}
      {part}
    </Fragment>
  ));
}
