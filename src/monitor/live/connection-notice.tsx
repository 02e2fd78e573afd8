import { formatTime } from '../format/times.ts';
import { useStore } from './store.ts';
import { useSession } from './session-context.ts';
import './connection-notice.css';

/** Announces a lost connection, since when the page may be out of date, and the reconnect. */
export function ConnectionNotice() {
  const connection = useStore(useSession().connection);
  return (
    <div className="connection" role="status" data-state={connection.state}>
      {connection.state === 'LOST' ? (
        <p className="connection-lost">
          <strong>Connection lost.</strong> The page shows the state of <time>{formatTime(connection.since)}</time>.
          Jobs continue to run. Reconnecting…
        </p>
      ) : connection.state === 'LIVE' && connection.reconnected ? (
        <p className="visually-hidden">Reconnected. The page is up to date.</p>
      ) : null}
    </div>
  );
}

/** Connection status in the header. */
export function ConnectionIndicator() {
  const { state } = useStore(useSession().connection);
  const text = { CONNECTING: 'Connecting', LIVE: 'Live', LOST: 'Offline' }[state];
  return (
    <span className="connection-indicator" data-state={state}>
      <span className="connection-dot" aria-hidden="true" />
      {text}
    </span>
  );
}
