import { ExpectedError } from '../../runner/index.ts';

/** How fast content has to come. */
export interface MinimumRate {
  /** On average over a window. */
  readonly bytesPerSecond: number;
  /** Time that is spent on waiting for content, ms; what its reader takes does not count. */
  readonly windowMs: number;
}

/** Content came too slowly, so that it would have kept its place for too long. */
export class UploadTooSlowError extends ExpectedError {
  readonly code = 'UPLOAD_TOO_SLOW';
  constructor({ bytesPerSecond, windowMs }: MinimumRate) {
    super(
      `Fewer than ${bytesPerSecond} bytes a second arrived over ${windowMs / 1000} seconds, so the upload was ended and nothing of it was kept. Send it again over a faster connection, or compress it with gzip.`,
    );
  }
}

/**
 * Passes content on while it comes fast enough: each window has to bring its share.
 * @throws UploadTooSlowError; a piece that is awaited then is left to come
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
      const began = performance.now();
      const next = await within(pending, rate.windowMs - waitedMs);
      waitedMs += performance.now() - began;
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
    // Its end would wait for the piece that does not come.
    if (pending) pending.catch(() => undefined);
    else await iterator.return?.();
  }
}

/** The value, or `LATE` after so many milliseconds. */
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
