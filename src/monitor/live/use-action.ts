import { useEffect, useState } from 'react';
import { errorMessage } from './session.ts';
import { useReconnect } from './use-reconnect.ts';

/** An asynchronous operation behind a button. */
export interface Action<Arguments extends unknown[]> {
  /** Starts it. Ignored while the previous run is in progress. */
  run(...args: Arguments): void;
  readonly isBusy: boolean;
  /** Whether the last run succeeded. */
  readonly isDone: boolean;
  /** Why the last run failed, for users; null otherwise. */
  readonly error: string | null;
}

type Outcome = 'NONE' | 'BUSY' | 'DONE' | { readonly error: string };

/**
 * Runs `work` as an action.
 * @param work resolves to null on success, or to an error message for users
 * @param about what the action is about, for example the status of a job: when it changes, the error of an earlier run disappears, as it
 * does when the connection returns
 */
export function useAction<Arguments extends unknown[]>(
  work: (...args: Arguments) => Promise<string | null>,
  about?: string,
): Action<Arguments> {
  const [outcome, setOutcome] = useState<Outcome>('NONE');
  const forgetError = () => setOutcome((before) => (typeof before === 'object' ? 'NONE' : before));
  useReconnect(forgetError);
  useEffect(forgetError, [about]);
  return {
    isBusy: outcome === 'BUSY',
    isDone: outcome === 'DONE',
    error: typeof outcome === 'object' ? outcome.error : null,
    run(...args) {
      if (outcome === 'BUSY') return;
      setOutcome('BUSY');
      void work(...args)
        .catch(errorMessage)
        .then((error) => setOutcome(error === null ? 'DONE' : { error }));
    },
  };
}
