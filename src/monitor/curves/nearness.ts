import { useEffect, useRef, useState, type RefObject } from 'react';

/** How far from the visible part of the page an element counts as near: charts are drawn before they scroll into view. */
const MARGIN = '300px 0px';

/** Watches which elements are in the visible part of the page, or near it. */
export interface Nearness {
  /** Calls `onChange` now and after each change. Returns a function that stops it. */
  watch(element: Element, onChange: (isNear: boolean) => void): () => void;
}

/** Watches any number of elements with one observer. */
export function createNearness(): Nearness {
  const listeners = new Map<Element, (isNear: boolean) => void>();
  const observer = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) listeners.get(target)?.(isIntersecting);
    },
    { rootMargin: MARGIN },
  );
  return {
    watch(element, onChange) {
      listeners.set(element, onChange);
      observer.observe(element);
      return () => {
        listeners.delete(element);
        observer.unobserve(element);
      };
    },
  };
}

/** Whether the element that gets the returned ref is near the visible part of the page. */
export function useIsNear<Type extends Element>(nearness: Nearness): [RefObject<Type | null>, boolean] {
  const element = useRef<Type>(null);
  const [isNear, setIsNear] = useState(false);
  useEffect(() => (element.current ? nearness.watch(element.current, setIsNear) : undefined), [nearness]);
  return [element, isNear];
}
