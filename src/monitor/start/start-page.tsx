import { useMemo } from 'react';
import { useQuery } from 'urql';
import { useSearch } from 'wouter';
import { usePageTitle } from '../layout/page-title.ts';
import { errorMessage } from '../live/session.ts';
import { JobTemplateDocument, StartOptionsDocument } from './operations.ts';
import { StartForm } from './start-form.tsx';
import './start.css';

/** The page that configures and starts a training. */
export function StartPage() {
  usePageTitle('New training');
  const parameters = new URLSearchParams(useSearch());
  const templateId = parameters.get('like');
  const [{ data, error }, refresh] = useQuery({ query: StartOptionsDocument });
  const [{ data: template, fetching }] = useQuery({
    query: JobTemplateDocument,
    variables: useMemo(() => ({ id: templateId ?? '' }), [templateId]),
    pause: templateId === null,
  });
  return (
    <>
      <h1>New training</h1>
      {error && <p className="notice bad">{errorMessage(error)}</p>}
      {data && !fetching ? (
        <StartForm
          trainers={data.trainers}
          datasets={data.datasets}
          template={template?.job ?? null}
          dataset={parameters.get('dataset')}
          onUpload={() => refresh({ requestPolicy: 'network-only' })}
        />
      ) : (
        !error && <p role="status">Loading trainers and datasets…</p>
      )}
    </>
  );
}
