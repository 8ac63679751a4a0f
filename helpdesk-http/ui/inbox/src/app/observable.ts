/** A value outside React that components can watch. */

import { useInsertionEffect, useRef, useSyncExternalStore } from 'react';

export class Observable<Value> {
  #value: Value;
  readonly #listeners = new Set<() => void>();

  constructor(value: Value) {
    this.#value = value;
  }

  get = (): Value => this.#value;

  set(value: Value): void {
    if (Object.is(value, this.#value)) return;
    this.#value = value;
    for (const listener of [...this.#listeners]) listener();
  }

  update(change: (value: Value) => Value): void {
    this.set(change(this.#value));
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
}

/** The part of an observable that a component needs; it draws again only when that part is another value. */
export function useObserved<Value, Part = Value>(observable: Observable<Value>, select?: (value: Value) => Part): Part {
  const read = () => (select ? select(observable.get()) : (observable.get() as unknown as Part));
  return useSyncExternalStore(observable.subscribe, read, read);
}

/** The newest of a value that changes with every drawing, for callbacks that outlive one. */
export function useLatest<Value>(value: Value): { readonly current: Value } {
  const latest = useRef(value);
  useInsertionEffect(() => {
    latest.current = value;
  });
  return latest;
}
