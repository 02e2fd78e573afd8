import { type ReactNode, useEffect, useState } from 'react';
import { Provider } from 'urql';
import { Route, Switch } from 'wouter';
import { type Access, createAccess } from './access/access.ts';
import { TokenForm } from './access/token-form.tsx';
import { ComparePage } from './compare/compare-page.tsx';
import { DatasetsPage } from './datasets/datasets-page.tsx';
import { JobPage } from './job/job-page.tsx';
import { JobsPage } from './jobs/jobs-page.tsx';
import { PageLayout } from './layout/page-layout.tsx';
import { NotFoundPage } from './layout/not-found-page.tsx';
import { openSession, type Session } from './live/session.ts';
import { SessionContext } from './live/session-context.ts';
import { useStore } from './live/store.ts';
import { QueuePage } from './queue/queue-page.tsx';
import { StartPage } from './start/start-page.tsx';
import { createThemeChoice } from './theme/theme.ts';
import { ThemeContext } from './theme/theme-context.tsx';

/** The monitor: its routes, and the context that all pages share. */
export function App() {
  const [access] = useState(() => createAccess());
  const [theme] = useState(createThemeChoice);
  const { token, isRequired } = useStore(access.state);
  return (
    <ThemeContext value={theme}>
      {isRequired ? (
        <TokenForm access={access} isRejected={token !== null} />
      ) : (
        // A new session for each token.
        <SessionProvider key={token} token={token} access={access}>
          <PageLayout>
            <Switch>
              <Route path="/" component={JobsPage} />
              <Route path="/jobs/:id" component={JobPage} />
              <Route path="/queue" component={QueuePage} />
              <Route path="/start" component={StartPage} />
              <Route path="/compare" component={ComparePage} />
              <Route path="/data" component={DatasetsPage} />
              <Route component={NotFoundPage} />
            </Switch>
          </PageLayout>
        </SessionProvider>
      )}
    </ThemeContext>
  );
}

function SessionProvider({ token, access, children }: { token: string | null; access: Access; children: ReactNode }) {
  const [session, setSession] = useState<Session | null>(null);
  useEffect(() => {
    const opened = openSession(token, access.reject);
    setSession(opened);
    return () => opened[Symbol.dispose]();
  }, [token, access]);
  return (
    session && (
      <SessionContext value={session}>
        <Provider value={session.client}>{children}</Provider>
      </SessionContext>
    )
  );
}
