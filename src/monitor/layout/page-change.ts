import { useEffect, useRef } from 'react';
import { useLocation } from 'wouter';

/**
 * What a browser does by itself when it opens another document: a new page begins at its top and takes the focus, so that screen readers
 * read on there. Going back leaves the place to the browser, which knows where it was.
 */
export function usePageChange(): void {
  const [path] = useLocation();
  const shown = useRef(path);
  const wentBack = useRef(false);
  useEffect(() => {
    const onPop = () => {
      wentBack.current = true;
    };
    addEventListener('popstate', onPop);
    return () => removeEventListener('popstate', onPop);
  }, []);
  useEffect(() => {
    if (shown.current !== path) {
      if (!wentBack.current) scrollTo(0, 0);
      document.getElementById('main')?.focus({ preventScroll: true });
    }
    shown.current = path;
    wentBack.current = false;
  }, [path]);
}
