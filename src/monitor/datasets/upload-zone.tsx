import { useRef, useState } from 'react';
import { ReadOnlyNote } from '../access/read-only-note.tsx';
import { useRights } from '../access/rights.ts';
import { Icon } from '../layout/icon.tsx';
import { formatCount } from '../format/numbers.ts';
import type { Session } from '../live/session.ts';
import { useSession } from '../live/session-context.ts';
import { UploadedDatasetDocument } from './operations.ts';
import { uploadDataset } from './upload.ts';
import './datasets.css';

type State =
  | { readonly kind: 'WAITING'; readonly message?: string; readonly isBad?: boolean }
  | { readonly kind: 'SENDING'; readonly name: string; readonly share: number }
  | { readonly kind: 'EXISTS'; readonly file: File };

/** Uploads a table that the user drops here or selects. A viewer reads why it cannot. */
export function UploadZone({ onUploaded }: { onUploaded: (name: string) => void }) {
  const { canStart, canReplace } = useRights();
  return canStart ? <Upload canReplace={canReplace} onUploaded={onUploaded} /> : <ReadOnlyNote />;
}

function Upload({ canReplace, onUploaded }: { canReplace: boolean; onUploaded: (name: string) => void }) {
  const session = useSession();
  const [state, setState] = useState<State>({ kind: 'WAITING' });
  const [isDragOver, setOver] = useState(false);
  const cancelling = useRef<AbortController>(null);

  async function send(file: File, replace = false): Promise<void> {
    const cancel = new AbortController();
    cancelling.current = cancel;
    setState({ kind: 'SENDING', name: file.name, share: 0 });
    const onProgress = (share: number) => setState({ kind: 'SENDING', name: file.name, share });
    const result = await uploadDataset(file, { replace, headers: session.headers, signal: cancel.signal, onProgress });
    if (result.kind === 'EXISTS') setState({ kind: 'EXISTS', file });
    else if (result.kind === 'REFUSED') setState({ kind: 'WAITING', message: result.message, isBad: true });
    else {
      setState({ kind: 'WAITING', ...(await describeUpload(session, file.name)) });
      onUploaded(file.name);
    }
  }

  return (
    <div
      className="upload"
      data-over={isDragOver}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        const [file] = event.dataTransfer.files;
        if (file && state.kind !== 'SENDING') void send(file);
      }}
    >
      {state.kind === 'SENDING' ? (
        <>
          <label className="upload-progress">
            Uploading {state.name}
            <progress value={state.share} />
          </label>
          <button type="button" className="button small" onClick={() => cancelling.current?.abort()}>
            Cancel
          </button>
        </>
      ) : (
        <label className="button upload-button">
          <Icon name="upload" />
          Upload table
          <input
            type="file"
            className="visually-hidden"
            accept=".csv,.tsv,.json,.jsonl,.ndjson,.parquet,.gz,.txt"
            onChange={({ target }) => {
              const [file] = target.files ?? [];
              if (file) void send(file);
              target.value = '';
            }}
          />
        </label>
      )}
      {state.kind === 'WAITING' && <span className="hint">or drop a CSV, TSV, JSON or Parquet file here</span>}
      {state.kind === 'EXISTS' && (
        <p className="upload-exists" role="alert">
          A dataset named {state.file.name} already exists.{' '}
          {canReplace ? (
            <button type="button" className="button small" onClick={() => void send(state.file, true)}>
              Replace
            </button>
          ) : (
            'Rename your file: only administrators can replace a dataset.'
          )}{' '}
          <button type="button" className="button small quiet" onClick={() => setState({ kind: 'WAITING' })}>
            Cancel
          </button>
        </p>
      )}
      {state.kind === 'WAITING' && (
        <p className={state.isBad === true ? 'error-text' : 'upload-done'} role="status">
          {state.message}
        </p>
      )}
    </div>
  );
}

/** For example `houses.csv uploaded: 300 rows`, without the rows where the server does not know them. A text is not a table, and may be useful. */
async function describeUpload(session: Session, name: string): Promise<{ message: string; isBad: boolean }> {
  const dataset = await session.query(UploadedDatasetDocument, { name }).then(
    (data) => data.dataset,
    () => null,
  );
  const rows = dataset?.rows ?? null;
  if (dataset?.problem != null) {
    const advice = /\.(txt|md)$/i.test(name) ? ' Only text trainers can use it.' : ` ${dataset.problem}`;
    return { message: `${name} uploaded, but it is not a table.${advice}`, isBad: true };
  }
  if (rows === 0) return { message: `${name} uploaded, but it has no rows below its header.`, isBad: true };
  return { message: rows === null ? `${name} uploaded` : `${name} uploaded: ${formatCount(rows)} rows`, isBad: false };
}
