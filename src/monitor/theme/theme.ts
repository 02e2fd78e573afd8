import { createStore, type Store } from '../live/store.ts';

/** Also read by public/theme.js, before the first paint. */
const KEY = 'trainyard.theme';

export type Theme = 'light' | 'dark';

/** The theme of the page. */
export interface ThemeChoice extends Store<Theme> {
  toggle(): void;
}

/** The theme of the system, until the user chooses the other one. The browser stores the choice. */
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
      // When the choice equals the system's theme, the page follows the system again.
      const follows = next === (system.matches ? 'dark' : 'light');
      if (follows) delete root.dataset['theme'];
      else root.dataset['theme'] = next;
      saveChoice(follows ? null : next);
      set(next);
    },
  };
}

function saveChoice(theme: Theme | null): void {
  try {
    if (theme === null) localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, theme);
  } catch {
    // Without storage the choice lasts until the page closes.
  }
}
