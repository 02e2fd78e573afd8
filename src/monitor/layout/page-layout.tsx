import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { useRights } from '../access/rights.ts';
import { ConnectionNotice, ConnectionIndicator } from '../live/connection-notice.tsx';
import { ThemeToggle } from '../theme/theme-context.tsx';
import { Icon } from './icon.tsx';
import { KeyboardHelp } from './keyboard-help.tsx';
import { UndoNotice } from './undo-notice.tsx';
import { usePageChange } from './page-change.ts';
import './page-layout.css';

/** The layout of every page: navigation, connection status, content. */
export function PageLayout({ children }: { children: ReactNode }) {
  usePageChange();
  const { canStart } = useRights();
  return (
    <>
      <a className="skip" href="#main">
        Skip to content
      </a>
      <header className="site-header">
        <Link href="/" className="wordmark">
          <svg viewBox="0 0 32 32" aria-hidden="true" className="wordmark-sign">
            <rect width="32" height="32" rx="8" />
            <path d="M6 8c3 11 8 14 20 15" />
          </svg>
          <span>Trainyard</span>
        </Link>
        <nav aria-label="Pages">
          <Link href="/" className={(active) => (active ? 'active' : '')}>
            Jobs
          </Link>
          <Link href="/queue" className={(active) => (active ? 'active' : '')}>
            Queue
          </Link>
          <Link href="/data" className={(active) => (active ? 'active' : '')}>
            Data
          </Link>
          <a href="/graphql">API</a>
        </nav>
        <div className="site-tools">
          <ConnectionIndicator />
          <ThemeToggle />
          {canStart ? (
            <Link href="/start" className="button primary">
              <Icon name="plus" />
              <span>
                New<span className="wide-only"> training</span>
              </span>
            </Link>
          ) : (
            <span className="tag quiet">read only</span>
          )}
        </div>
      </header>
      <ConnectionNotice />
      <main id="main" tabIndex={-1}>
        {children}
      </main>
      <UndoNotice />
      <KeyboardHelp />
    </>
  );
}
