import { ExpectedError } from '../../runner/index.ts';

/** Minimum rate of incoming content. */
export interface MinimumRate {
  /** Average over a window. */
  readonly bytesPerSecond: number;
  /** Time spent waiting for content, ms; the time that the reader takes does not count. */
  readonly windowMs: number;
}

/** The upload is too slow: it would occupy its slot for too long. */
export class UploadTooSlowError extends ExpectedError {
  readonly code = 'UPLOAD_TOO_SLOW';
  constructor({ bytesPerSecond, windowMs }: MinimumRate) {
    super(
      `The upload was cancelled and discarded: fewer than ${bytesPerSecond} bytes per second arrived over ${windowMs / 1000} seconds. Upload again over a faster connection, or compress the file with gzip.`,
    );
  }
}

/**
 * Yields content while its rate in each window reaches the minimum.
 * @throws UploadTooSlowError without waiting for the pending chunk
 */
export async function* atLeast(content: AsyncIterable<Buffer>, rate: MinimumRate): AsyncGenerator<Buffer> {
  const iterator = content[Symbol.asyncIterator]();
  const share = (rate.bytesPerSecond * rate.windowMs) / 1000;
  let pending: Promise<IteratorResult<Buffer>> | undefined;
  let waitedMs = 0;
  let bytes = 0;
  try {
    for (;;) {
      pending ??= iterator.next();
      const startedAt = performance.now();
      const next = await within(pending, rate.windowMs - waitedMs);
      waitedMs += performance.now() - startedAt;
      if (next !== 'LATE') {
        pending = undefined;
        if (next.done) return;
        bytes += next.value.byteLength;
      }
      if (next === 'LATE' || waitedMs >= rate.windowMs) {
        if (bytes < share) throw new UploadTooSlowError(rate);
        waitedMs = 0;
        bytes = 0;
      }
      if (next !== 'LATE') yield next.value;
    }
  } finally {
    // return() would wait for the pending chunk.
    if (pending) pending.catch(() => undefined);
    else await iterator.return?.();
  }
}

/** The value, or `LATE` after a timeout in milliseconds. */
async function within<Value>(promise: Promise<Value>, milliseconds: number): Promise<Value | 'LATE'> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'LATE'>((resolve) => {
    timer = setTimeout(() => resolve('LATE'), Math.max(0, milliseconds));
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
