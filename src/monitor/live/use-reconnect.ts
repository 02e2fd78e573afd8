import { useEffect, useRef } from 'react';
import { useSession } from './session-context.ts';

/** Calls `onReconnect` each time the connection returns: requests that failed meanwhile may succeed now. */
export function useReconnect(onReconnect: () => void): void {
  const { connection } = useSession();
  const newest = useRef(onReconnect);
  newest.current = onReconnect;
  useEffect(
    () =>
      connection.subscribe(() => {
        const now = connection.get();
        if (now.state === 'LIVE' && now.reconnected) newest.current();
      }),
    [connection],
  );
}
