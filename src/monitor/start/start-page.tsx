import { useMemo } from 'react';
import { useQuery } from 'urql';
import { useSearch } from 'wouter';
import { usePageTitle } from '../layout/page-title.ts';
import { sentenceOf } from '../live/session.ts';
import { LikeDocument, StartOptionsDocument } from './operations.ts';
import { StartForm } from './start-form.tsx';
import './start.css';

/** Where a training is put together and started. */
export function StartPage() {
  usePageTitle('New training');
  const parameters = new URLSearchParams(useSearch());
  const like = parameters.get('like');
  const [{ data, error }, refresh] = useQuery({ query: StartOptionsDocument });
  const [{ data: other, fetching }] = useQuery({
    query: LikeDocument,
    variables: useMemo(() => ({ id: like ?? '' }), [like]),
    pause: like === null,
  });
  return (
    <>
      <h1>New training</h1>
      {error && <p className="notice bad">{sentenceOf(error)}</p>}
      {data && !fetching ? (
        <StartForm
          trainers={data.trainers}
          datasets={data.datasets}
          like={other?.job ?? null}
          dataset={parameters.get('dataset')}
          onUpload={() => refresh({ requestPolicy: 'network-only' })}
        />
      ) : (
        !error && <p role="status">Looking at what can be trained here…</p>
      )}
    </>
  );
}
