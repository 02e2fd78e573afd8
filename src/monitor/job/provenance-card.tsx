import { useEffect, useState } from 'react';
import type { ProvenanceOfJobQuery } from '../graphql/graphql.ts';
import { useSession } from '../live/session-context.ts';
import { ProvenanceDocument } from './operations.ts';

type Provenance = NonNullable<NonNullable<ProvenanceOfJobQuery['job']>['provenance']>;

/**
 * Script, arguments, versions and machine of a job's newest attempt; nothing if they are not recorded. Read again when the job changes its
 * status.
 */
export function ProvenanceCard({ id, status }: { id: string; status: string }) {
  const session = useSession();
  const [provenance, setProvenance] = useState<Provenance | null>(null);
  useEffect(() => {
    let isCurrent = true;
    session
      .query(ProvenanceDocument, { id })
      .then(({ job }) => isCurrent && setProvenance(job?.provenance ?? null))
      // The rest of the page shows that the server does not answer.
      .catch(() => undefined);
    return () => {
      isCurrent = false;
    };
  }, [session, id, status]);
  if (provenance === null) return null;
  const { script, git, pythonVersion, packages, host } = provenance;
  return (
    <section className="card facts" aria-labelledby="provenance-title">
      <h2 id="provenance-title">Provenance</h2>
      <dl>
        {git !== null && (
          <div>
            <dt>Git</dt>
            <dd>
              <code>{git.commit.slice(0, 12)}</code>
              {git.branch !== null && ` ${git.branch}`}
              {git.dirty === true && ', with uncommitted changes'}
            </dd>
          </div>
        )}
        <div>
          <dt>Python</dt>
          <dd>{pythonVersion}</dd>
        </div>
        <div>
          <dt>Machine</dt>
          <dd>
            {host.name}, {host.system} {host.machine}
            {host.cpus !== null && `, ${host.cpus} processors`}
          </dd>
        </div>
      </dl>
      {provenance.arguments.length > 0 && (
        <details>
          <summary>Arguments</summary>
          <pre tabIndex={0}>{provenance.arguments.join('\n')}</pre>
        </details>
      )}
      {script !== null && (
        <details>
          <summary>
            {script.name} <span className="hint">SHA-256 {script.sha256.slice(0, 12)}</span>
          </summary>
          <pre tabIndex={0}>{script.source}</pre>
          {!script.isComplete && <p className="hint">The script is longer; only its start was copied.</p>}
        </details>
      )}
      <details>
        <summary>Packages ({packages.length})</summary>
        <pre tabIndex={0}>{packages.map(({ name, version }) => `${name}==${version}`).join('\n')}</pre>
      </details>
    </section>
  );
}
