import { useSyncExternalStore } from 'react';
import { useSession } from './session-context.ts';

/** Says once a second that time has passed, for as long as somebody wants to know. */
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

/** Text that depends on the time. There is a render when the text has changed, not when time has passed. */
export function useTimeText(textAt: (now: number) => string): string {
  const { clock } = useSession();
  return useSyncExternalStore(clock.subscribe, () => textAt(Date.now()));
}
