import { type ReactNode, useEffect, useState } from 'react';
import { Provider } from 'urql';
import { Route, Switch } from 'wouter';
import { type Access, createAccess } from './access/access.ts';
import { TokenForm } from './access/token-form.tsx';
import { ComparePage } from './compare/compare-page.tsx';
import { DatasetsPage } from './datasets/datasets-page.tsx';
import { JobPage } from './job/job-page.tsx';
import { JobsPage } from './jobs/jobs-page.tsx';
import { Frame } from './layout/frame.tsx';
import { NotFoundPage } from './layout/not-found-page.tsx';
import { openSession, type Session } from './live/session.ts';
import { SessionContext } from './live/session-context.ts';
import { useStore } from './live/store.ts';
import { StartPage } from './start/start-page.tsx';
import { createThemeChoice } from './theme/theme.ts';
import { ThemeContext } from './theme/theme-context.tsx';

/** The monitor: every page of it, and what all of them need. */
export function App() {
  const [access] = useState(() => createAccess());
  const [theme] = useState(createThemeChoice);
  const { token, wanted } = useStore(access.state);
  return (
    <ThemeContext value={theme}>
      {wanted ? (
        <TokenForm access={access} refused={token !== null} />
      ) : (
        // A session of its own for each token.
        <InSession key={token} token={token} access={access}>
          <Frame>
            <Switch>
              <Route path="/" component={JobsPage} />
              <Route path="/jobs/:id" component={JobPage} />
              <Route path="/start" component={StartPage} />
              <Route path="/compare" component={ComparePage} />
              <Route path="/data" component={DatasetsPage} />
              <Route component={NotFoundPage} />
            </Switch>
          </Frame>
        </InSession>
      )}
    </ThemeContext>
  );
}

function InSession({ token, access, children }: { token: string | null; access: Access; children: ReactNode }) {
  const [session, setSession] = useState<Session | null>(null);
  useEffect(() => {
    const opened = openSession(token, access.refuse);
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
