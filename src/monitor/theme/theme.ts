import { createStore, type Store } from '../live/store.ts';

/** Also read by public/theme.js, before the first paint. */
const KEY = 'trainyard.theme';

export type Theme = 'light' | 'dark';

/** The theme that the page is painted in. */
export interface ThemeChoice extends Store<Theme> {
  toggle(): void;
}

/** The theme of the system, until somebody wants the other one; then that, in this browser. */
export function createThemeChoice(): ThemeChoice {
  const system = matchMedia('(prefers-color-scheme: dark)');
  const root = document.documentElement;
  const current = (): Theme => {
    const chosen = root.dataset['theme'];
    return chosen === 'dark' || chosen === 'light' ? chosen : system.matches ? 'dark' : 'light';
  };
  const { get, set, subscribe } = createStore(current());
  system.addEventListener('change', () => set(current()));
  return {
    get,
    subscribe,
    toggle() {
      const next = get() === 'dark' ? 'light' : 'dark';
      // Back at what the system wants, the page follows the system again.
      const follows = next === (system.matches ? 'dark' : 'light');
      if (follows) delete root.dataset['theme'];
      else root.dataset['theme'] = next;
      remember(follows ? null : next);
      set(next);
    },
  };
}

function remember(theme: Theme | null): void {
  try {
    if (theme === null) localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, theme);
  } catch {
    // A browser that keeps nothing: the choice holds until the page is closed.
  }
}
