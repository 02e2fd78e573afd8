import { useSyncExternalStore } from 'react';

/** A value that changes outside of React: only components that read it render again. */
export interface Store<Value> {
  get(): Value;
  /** Calls `listener` after each change. Returns a function that unsubscribes. */
  subscribe(listener: () => void): () => void;
}

/** A writable store. */
export interface WritableStore<Value> extends Store<Value> {
  /** Setting the same value again notifies no listener. */
  set(value: Value): void;
}

/** Creates a store with an initial value. */
export function createStore<Value>(value: Value): WritableStore<Value> {
  let current = value;
  const listeners = new Set<() => void>();
  return {
    get: () => current,
    set(next) {
      if (Object.is(next, current)) return;
      current = next;
      for (const listener of listeners) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** The value of a store. The component renders again when it changes. */
export function useStore<Value>(store: Store<Value>): Value {
  return useSyncExternalStore(store.subscribe, store.get);
}
