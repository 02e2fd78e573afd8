import { formatBytes } from '../format/numbers.ts';
import type { JobDetailFragment } from '../graphql/graphql.ts';
import { DownloadLink } from '../live/download-link.tsx';

/** Downloads the trained model, also as ONNX if its trainer exports it. The files of a folder are in the list of files. */
export function ModelDownload({ job: { checkpoint } }: { job: JobDetailFragment }) {
  if (checkpoint === null || checkpoint.url === null) return null;
  return (
    <>
      <DownloadLink address={checkpoint.url}>
        {checkpoint.simulation ? 'Download placeholder' : 'Download model'}
        <span className="hint">{formatBytes(checkpoint.bytes)}</span>
      </DownloadLink>
      {checkpoint.onnxUrl !== null && (
        <DownloadLink address={checkpoint.onnxUrl} mayFail>
          Download ONNX
        </DownloadLink>
      )}
    </>
  );
}
