import { useEffect, useRef } from 'react';
import { useLocation } from 'wouter';

/**
 * Does for route changes what a browser does for new documents: scrolls to the top, and focuses the content so that screen readers continue
 * there. For the back button the browser restores the scroll position.
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
