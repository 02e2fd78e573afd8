import { useMemo } from 'react';
import { useQuery } from 'urql';
import { useReconnect } from '../live/use-reconnect.ts';
import { DatasetPreviewDocument } from './operations.ts';

/** How a file is written: the options `encoding` and `header` of a training; null: inferred. */
export type ReadOptions = Readonly<Record<string, unknown>> | null;

/** Loads a dataset with its preview; again when the connection returns. Components that show the same dataset share the request. */
export function usePreview(name: string, options: ReadOptions = null) {
  const written = JSON.stringify(options);
  const [{ data, error }, refresh] = useQuery({
    query: DatasetPreviewDocument,
    variables: useMemo(() => ({ name, options: JSON.parse(written) as ReadOptions }), [name, written]),
    pause: name === '',
  });
  useReconnect(() => refresh({ requestPolicy: 'network-only' }));
  return { dataset: data?.dataset, error };
}
