import { useStore } from './store.ts';
import { useSession } from './session-context.ts';
import './connection-notice.css';

/** Says at once when the connection is lost, from when on what is shown may be old, and when it is back. */
export function ConnectionNotice() {
  const connection = useStore(useSession().connection);
  return (
    <div className="connection" role="status" data-state={connection.state}>
      {connection.state === 'LOST' ? (
        <p className="connection-lost">
          <strong>Connection lost.</strong> This is how things were at{' '}
          <time>{new Date(connection.since).toLocaleTimeString()}</time>. Trainings go on; the page is trying to reach
          the server.
        </p>
      ) : connection.state === 'LIVE' && connection.healed ? (
        <p className="visually-hidden">Connected again. What happened meanwhile is shown.</p>
      ) : null}
    </div>
  );
}

/** A small sign in the header: live or not. */
export function ConnectionSign() {
  const { state } = useStore(useSession().connection);
  const text = { CONNECTING: 'Connecting', LIVE: 'Live', LOST: 'Offline' }[state];
  return (
    <span className="connection-sign" data-state={state}>
      <span className="connection-dot" aria-hidden="true" />
      {text}
    </span>
  );
}
