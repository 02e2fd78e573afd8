import { useMemo } from 'react';
import { useQuery } from 'urql';
import { useSearch } from 'wouter';
import { ReadOnlyNote } from '../access/read-only-note.tsx';
import { useRights } from '../access/rights.ts';
import { usePageTitle } from '../layout/page-title.ts';
import { errorMessage } from '../live/session.ts';
import { FindTemplateDocument, StartOptionsDocument } from './operations.ts';
import { StartForm } from './start-form.tsx';
import './start.css';

/** The page that configures and starts a training. A viewer reads why it cannot. */
export function StartPage() {
  usePageTitle('New training');
  const { canStart } = useRights();
  return (
    <>
      <h1>New training</h1>
      {canStart ? <StartOptions /> : <ReadOnlyNote />}
    </>
  );
}

/** The form, once the trainers and datasets are known. */
function StartOptions() {
  const parameters = new URLSearchParams(useSearch());
  const templateId = parameters.get('like');
  const [{ data, error }, refresh] = useQuery({ query: StartOptionsDocument });
  const [{ data: template, fetching }] = useQuery({
    query: FindTemplateDocument,
    variables: useMemo(() => ({ id: templateId ?? '' }), [templateId]),
    pause: templateId === null,
  });
  return (
    <>
      {error && <p className="notice bad">{errorMessage(error)}</p>}
      {data && !fetching ? (
        <StartForm
          options={data}
          template={template?.job ?? null}
          dataset={parameters.get('dataset')}
          trainer={parameters.get('trainer')}
          onUpload={() => refresh({ requestPolicy: 'network-only' })}
        />
      ) : (
        !error && <p role="status">Loading trainers and datasets…</p>
      )}
    </>
  );
}
