import { useSyncExternalStore } from 'react';

/** A value that changes, outside of React: only who reads it renders again. */
export interface Store<Value> {
  get(): Value;
  /** Calls `listener` after each change; returns what ends that. */
  subscribe(listener: () => void): () => void;
}

/** A store that can be written. */
export interface WritableStore<Value> extends Store<Value> {
  /** The same value again is no change. */
  set(value: Value): void;
}

/** A store that holds `value` at first. */
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

/** The value of a store, with a render for each change of it. */
export function useStore<Value>(store: Store<Value>): Value {
  return useSyncExternalStore(store.subscribe, store.get);
}
