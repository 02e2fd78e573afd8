import { useMemo } from 'react';
import { useQuery } from 'urql';
import { useReconnect } from '../live/use-reconnect.ts';
import { DatasetPreviewDocument } from './operations.ts';

/** Loads a dataset with its preview; again when the connection returns. Components that show the same dataset share the request. */
export function usePreview(name: string) {
  const [{ data, error }, refresh] = useQuery({
    query: DatasetPreviewDocument,
    variables: useMemo(() => ({ name }), [name]),
    pause: name === '',
  });
  useReconnect(() => refresh({ requestPolicy: 'network-only' }));
  return { dataset: data?.dataset, error };
}
