import { useEffect, useState } from 'react';
import { formatBytes, formatCount } from '../format/numbers.ts';
import { TimeAgo } from '../format/time-ago.tsx';
import type { FilesOfJobQuery } from '../graphql/graphql.ts';
import { DownloadLink } from '../live/download-link.tsx';
import { useSession } from '../live/session-context.ts';
import { FilesDocument } from './operations.ts';

type Files = NonNullable<FilesOfJobQuery['job']>['files'];

/** The files that a job has written to its output folder; nothing if there are none. Read again when the job changes its status. */
export function FilesCard({ id, status }: { id: string; status: string }) {
  const session = useSession();
  const [files, setFiles] = useState<Files | null>(null);
  const [problem, setProblem] = useState<string | null>(null);

  const read = async (after: string | null, before: Files | null, isCurrent: () => boolean) => {
    try {
      const { job } = await session.query(FilesDocument, { id, after });
      if (!isCurrent() || job === null) return;
      setFiles({ ...job.files, edges: [...(before?.edges ?? []), ...job.files.edges] });
      setProblem(null);
    } catch (error) {
      if (isCurrent()) setProblem(error instanceof Error ? error.message : String(error));
    }
  };
  useEffect(() => {
    let isCurrent = true;
    void read(null, null, () => isCurrent);
    return () => {
      isCurrent = false;
    };
  }, [session, id, status]);

  if (problem !== null) return <p className="notice bad">The files of the job cannot be listed: {problem}</p>;
  if (files === null || files.totalCount === 0) return null;
  return (
    <section className="card facts files" aria-labelledby="files-title">
      <h2 id="files-title">
        Files <span className="hint">{formatCount(files.totalCount)}</span>
      </h2>
      <ul className="file-list">
        {files.edges.map(({ node: { path, bytes, modifiedAt, url } }) => (
          <li key={url}>
            <DownloadLink address={url}>{path}</DownloadLink>
            <span className="hint">
              {formatBytes(bytes)}, <TimeAgo time={modifiedAt} />
            </span>
          </li>
        ))}
      </ul>
      {files.pageInfo.hasNextPage && (
        <button type="button" className="button" onClick={() => void read(files.pageInfo.endCursor, files, () => true)}>
          Show more
        </button>
      )}
      {files.isTruncated && <p className="hint">The job has more than 10,000 files; some are left out.</p>}
    </section>
  );
}
