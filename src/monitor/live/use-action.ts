import { useState } from 'react';
import { sentenceOf } from './session.ts';

/** Something that a button does. */
export interface Action<Arguments extends unknown[]> {
  /** Does it; a second time only when the first is done. */
  run(...args: Arguments): void;
  readonly isBusy: boolean;
  /** Whether it was done since it was last asked for. */
  readonly isDone: boolean;
  /** Why it was not done, as a sentence; null when it was. */
  readonly complaint: string | null;
}

type Outcome = 'NONE' | 'BUSY' | 'DONE' | { readonly complaint: string };

/**
 * Makes an action of `work`, which gives a sentence when it was refused and null when it was done.
 */
export function useAction<Arguments extends unknown[]>(
  work: (...args: Arguments) => Promise<string | null>,
): Action<Arguments> {
  const [outcome, setOutcome] = useState<Outcome>('NONE');
  return {
    isBusy: outcome === 'BUSY',
    isDone: outcome === 'DONE',
    complaint: typeof outcome === 'object' ? outcome.complaint : null,
    run(...args) {
      if (outcome === 'BUSY') return;
      setOutcome('BUSY');
      void work(...args)
        .catch(sentenceOf)
        .then((complaint) => setOutcome(complaint === null ? 'DONE' : { complaint }));
    },
  };
}
