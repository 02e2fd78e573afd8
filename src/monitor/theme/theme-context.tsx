import { createContext, use } from 'react';
import { Icon } from '../layout/icon.tsx';
import { useStore } from '../live/store.ts';
import type { Theme, ThemeChoice } from './theme.ts';

export const ThemeContext = createContext<ThemeChoice | null>(null);

function useThemeChoice(): ThemeChoice {
  const choice = use(ThemeContext);
  if (choice === null) throw new Error('useTheme needs a ThemeContext around the component.');
  return choice;
}

/** The current theme, for components that cannot use CSS (canvases). */
export function useTheme(): Theme {
  return useStore(useThemeChoice());
}

/** Switches between dark and light. */
export function ThemeToggle() {
  const choice = useThemeChoice();
  const theme = useStore(choice);
  const other = theme === 'dark' ? 'light' : 'dark';
  return (
    <button
      type="button"
      className="button quiet icon-only"
      onClick={choice.toggle}
      aria-label={`Use the ${other} theme`}
    >
      <Icon name={theme === 'dark' ? 'sun' : 'moon'} />
    </button>
  );
}
