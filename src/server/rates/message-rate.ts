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

/**
 * Creates a full bucket. All times are milliseconds of the same clock.
 * @param maxWait the longest time that `take` returns; tokens beyond it do not count
 */
export function createTokenBucket(
  { burst, perSecond }: MessageRate,
  now: number,
  maxWait = Number.POSITIVE_INFINITY,
): TokenBucket {
  let tokens = burst;
  let refilledAt = now;
  return {
    take(now) {
      const refilled = Math.min(burst, tokens + ((now - refilledAt) / 1000) * perSecond);
      tokens = Math.max(refilled - 1, (-maxWait / 1000) * perSecond);
      refilledAt = now;
      return tokens >= 0 ? 0 : (-tokens / perSecond) * 1000;
    },
  };
}

/** Pauses reading from one WebSocket: TCP backpressure then slows its client down, and no message is lost. */
export interface ReadingPause {
  /** Reads nothing for some milliseconds, or longer if an earlier call requires it. */
  pauseFor(milliseconds: number): void;
}

export function createReadingPause(socket: WebSocket): ReadingPause {
  let until = 0;
  let timer: NodeJS.Timeout | undefined;
  socket.once('close', () => clearTimeout(timer));
  return {
    pauseFor(milliseconds) {
      const end = performance.now() + milliseconds;
      if (end <= until || socket.readyState !== socket.OPEN) return;
      until = end;
      socket.pause();
      clearTimeout(timer);
      timer = setTimeout(() => socket.resume(), milliseconds);
    },
  };
}

/**
 * Pauses reading from a WebSocket whose client sends too many messages. No operation is lost or fails. Messages that have already
 * arrived are handled, and extend the pause.
 */
export function limitMessageRate(socket: WebSocket, rate: MessageRate, reading: ReadingPause): void {
  const bucket = createTokenBucket(rate, performance.now());
  socket.on('message', () => {
    const wait = bucket.take(performance.now());
    if (wait > 0) reading.pauseFor(wait);
  });
}
