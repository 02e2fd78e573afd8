import type { WebSocket } from 'ws';

/** How many messages of one WebSocket are handled: `burst` at once, then `perSecond`. */
export interface MessageRate {
  readonly burst: number;
  readonly perSecond: number;
}

/** Counts what may be done at once, and is given back with time: a token bucket. It may be overdrawn. */
export interface TokenBucket {
  /**
   * Takes one token.
   * @returns milliseconds until the bucket is no longer overdrawn; 0 when it is not
   */
  take(now: number): number;
}

/** A full bucket. Times are milliseconds of any one clock. */
export function createTokenBucket({ burst, perSecond }: MessageRate, now: number): TokenBucket {
  let tokens = burst;
  let counted = now;
  return {
    take(now) {
      tokens = Math.min(burst, tokens + ((now - counted) / 1000) * perSecond) - 1;
      counted = now;
      return tokens >= 0 ? 0 : (-tokens / perSecond) * 1000;
    },
  };
}

/**
 * Reads no more from a WebSocket whose client sends too many messages, until it may send again. No operation is lost and none
 * fails: TCP makes the client wait. Messages that have arrived already are handled, and make the wait longer.
 */
export function limitMessageRate(socket: WebSocket, rate: MessageRate): void {
  const bucket = createTokenBucket(rate, performance.now());
  let timer: NodeJS.Timeout | undefined;
  socket.on('message', () => {
    const wait = bucket.take(performance.now());
    if (wait === 0) return;
    socket.pause();
    clearTimeout(timer);
    timer = setTimeout(() => socket.resume(), wait);
  });
  socket.once('close', () => clearTimeout(timer));
}
