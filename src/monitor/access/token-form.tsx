import { useId } from 'react';
import type { Access } from './access.ts';
import './token-form.css';

/** Form for the access token. */
export function TokenForm({ access, isRejected }: { access: Access; isRejected: boolean }) {
  const id = useId();
  return (
    <main className="token-page">
      <form
        className="card token-form"
        onSubmit={(event) => {
          event.preventDefault();
          const token = new FormData(event.currentTarget).get('token');
          if (typeof token === 'string' && token.trim() !== '') access.enter(token.trim());
        }}
      >
        <h1>Trainyard</h1>
        <p>This server needs an access token. Paste your token below.</p>
        <label className="field" htmlFor={id}>
          <span>Access token</span>
          <input id={id} name="token" type="password" autoComplete="current-password" required autoFocus />
        </label>
        {isRejected && (
          <p className="error-text" role="alert">
            The server does not accept this token.
          </p>
        )}
        <button className="button primary">Sign in</button>
        <p className="hint">The token is kept in the open tabs of this page until you close them.</p>
      </form>
    </main>
  );
}
