import { useSyncExternalStore } from 'react';
import { useSession } from './session-context.ts';

/** Notifies its listeners once a second. Its timer runs only while there are listeners. */
export interface Clock {
  subscribe(listener: () => void): () => void;
}

export function createClock(): Clock {
  const listeners = new Set<() => void>();
  let timer: ReturnType<typeof setInterval> | undefined;
  return {
    subscribe(listener) {
      listeners.add(listener);
      timer ??= setInterval(() => {
        for (const each of listeners) each();
      }, 1000);
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        clearInterval(timer);
        timer = undefined;
      };
    },
  };
}

/** Text that depends on the current time. The component renders again only when the text changes. */
export function useTimeText(textAt: (now: number) => string): string {
  const { clock } = useSession();
  return useSyncExternalStore(clock.subscribe, () => textAt(Date.now()));
}
