import { useId } from 'react';
import type { Access } from './access.ts';
import './token-form.css';

/** Asks for the token that the server wants. */
export function TokenForm({ access, refused }: { access: Access; refused: boolean }) {
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
        <p>This server asks who you are. Paste the token that you were given for it.</p>
        <label className="field" htmlFor={id}>
          <span>Token</span>
          <input id={id} name="token" type="password" autoComplete="current-password" required autoFocus />
        </label>
        {refused && (
          <p className="complaint" role="alert">
            The server does not know this token.
          </p>
        )}
        <button className="button primary">Enter</button>
        <p className="hint">It is kept in this tab only, until you close it.</p>
      </form>
    </main>
  );
}
