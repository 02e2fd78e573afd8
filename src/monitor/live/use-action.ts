import { useState } from 'react';
import { sentenceOf } from './session.ts';

/** Something that a button does. */
export interface Action<Arguments extends unknown[]> {
  /** Does it; a second time only when the first is done. */
  run(...args: Arguments): void;
  readonly isBusy: boolean;
  /** Why it was not done, as a sentence; null when it was. */
  readonly complaint: string | null;
}

/**
 * Makes an action of `work`, which gives a sentence when it was refused and nothing when it was done.
 */
export function useAction<Arguments extends unknown[]>(
  work: (...args: Arguments) => Promise<string | null>,
): Action<Arguments> {
  const [isBusy, setBusy] = useState(false);
  const [complaint, setComplaint] = useState<string | null>(null);
  return {
    isBusy,
    complaint,
    run(...args) {
      if (isBusy) return;
      setBusy(true);
      setComplaint(null);
      work(...args)
        .catch(sentenceOf)
        .then(
          (refused) => {
            setBusy(false);
            setComplaint(refused);
          },
          () => undefined,
        );
    },
  };
}
