/** Ends of the terminal session and of the process that people and service managers ask for. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Somebody pressed Ctrl-C, closed the terminal or ended the process. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
  readonly signal: (typeof SIGNALS)[number];
  constructor(signal: (typeof SIGNALS)[number]) {
    super(`Interrupted by ${signal}.`);
    this.signal = signal;
  }
  /** What a shell would report: 128 and the number of the signal. */
  get exitCode(): number {
    return 128 + { SIGINT: 2, SIGTERM: 15, SIGHUP: 1 }[this.signal];
  }
}

export interface Interruption extends Disposable {
  /** Aborted at the first signal, with {@link Interrupted} as its reason. */
  readonly signal: AbortSignal;
}

/**
 * Turns the first SIGINT, SIGTERM or SIGHUP into an abort, so that every part can end cleanly.
 * @param onSecond called when somebody asks again: end at once
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
