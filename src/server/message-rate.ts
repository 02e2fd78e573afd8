import type { WebSocket } from 'ws';

/** Rate limit on the messages of one WebSocket: `burst` without delay, then `perSecond`. */
export interface MessageRate {
  readonly burst: number;
  readonly perSecond: number;
}

/** A token bucket that may be overdrawn. */
export interface TokenBucket {
  /**
   * Takes one token.
   * @returns milliseconds until the bucket is no longer overdrawn; 0 if it is not
   */
  take(now: number): number;
}

/** Creates a full bucket. All times are milliseconds of the same clock. */
export function createTokenBucket({ burst, perSecond }: MessageRate, now: number): TokenBucket {
  let tokens = burst;
  let refilledAt = now;
  return {
    take(now) {
      tokens = Math.min(burst, tokens + ((now - refilledAt) / 1000) * perSecond) - 1;
      refilledAt = now;
      return tokens >= 0 ? 0 : (-tokens / perSecond) * 1000;
    },
  };
}

/**
 * Pauses reading from a WebSocket whose client sends too many messages. No operation is lost or fails: TCP backpressure slows the
 * client down. Messages that have already arrived are handled, and extend the pause.
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
