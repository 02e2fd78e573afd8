import type { ClientOptions } from 'graphql-ws';

type Listeners = NonNullable<ClientOptions['on']>;

/** How long a live client waits for an answer, ms; 0 waits without a limit. */
export interface SilenceLimits {
  /** For a connection that is opened and accepted, including `url()` and `connectionParams()`. */
  readonly connectTimeout: number;
  /** For the pong after a ping, or any other message. */
  readonly pongTimeout: number;
}

/**
 * Listeners for a graphql-ws client that detect a connection on which nothing arrives. A laptop that sleeps, or a NAT that forgets a
 * connection, closes nothing, so neither side receives an event.
 * @param listeners called first
 * @param terminate called for a connection that has been silent for too long; it must emit `closed`
 */
export function detectSilence(
  { connectTimeout, pongTimeout }: SilenceLimits,
  listeners: Listeners,
  terminate: () => void,
): Listeners {
  let timeout: ReturnType<typeof setTimeout> | undefined;
  let isPinged = false;

  function wait(milliseconds: number): void {
    clearTimeout(timeout);
    if (milliseconds > 0) timeout = setTimeout(terminate, milliseconds);
  }
  function stopWaiting(): void {
    clearTimeout(timeout);
    isPinged = false;
  }

  return {
    ...listeners,
    connecting(isRetry) {
      listeners.connecting?.(isRetry);
      wait(connectTimeout);
    },
    connected(...event) {
      listeners.connected?.(...event);
      stopWaiting();
    },
    ping(received, payload) {
      listeners.ping?.(received, payload);
      if (received) return;
      isPinged = true;
      wait(pongTimeout);
    },
    message(message) {
      listeners.message?.(message);
      // The pong of a slow connection is behind everything that the server sent before it.
      if (isPinged) wait(pongTimeout);
    },
    pong(received, payload) {
      listeners.pong?.(received, payload);
      if (received) stopWaiting();
    },
    closed(event) {
      listeners.closed?.(event);
      stopWaiting();
    },
  };
}
