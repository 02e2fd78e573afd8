import { useSyncExternalStore } from 'react';
import { useSession } from './session-context.ts';

/** Text that depends on the current time. The component renders again only when the text changes. */
export function useTimeText(textAt: (now: number) => string): string {
  const { clock } = useSession();
  return useSyncExternalStore(clock.subscribe, () => textAt(Date.now()));
}
