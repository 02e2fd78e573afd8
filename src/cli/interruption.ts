/** Signals with which users and service managers end the process or its terminal session. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The process received SIGINT (Ctrl-C), SIGTERM or SIGHUP. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
  readonly signal: (typeof SIGNALS)[number];
  constructor(signal: (typeof SIGNALS)[number]) {
    super(`Interrupted by ${signal}.`);
    this.signal = signal;
  }
  /** The exit code that shells use: 128 plus the signal number. */
  get exitCode(): number {
    return 128 + { SIGINT: 2, SIGTERM: 15, SIGHUP: 1 }[this.signal];
  }
}

export interface Interruption extends Disposable {
  /** Aborted at the first signal, with {@link Interrupted} as the reason. */
  readonly signal: AbortSignal;
}

/**
 * Turns the first SIGINT, SIGTERM or SIGHUP into an abort, so that every part can end cleanly.
 * @param onSecond called at the second signal, which should end the process at once
 */
export function listenForInterruption(onSecond: () => void): Interruption {
  const controller = new AbortController();
  const listeners = SIGNALS.map((name) => {
    const listener = () => (controller.signal.aborted ? onSecond() : controller.abort(new Interrupted(name)));
    process.on(name, listener);
    return () => process.off(name, listener);
  });
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      for (const remove of listeners) remove();
    },
  };
}
