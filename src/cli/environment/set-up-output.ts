import { formatBytes, formatDuration } from '../terminal/format.ts';
import { progressBar, spinner } from '../terminal/progress-bar.ts';
import type { Screen } from '../terminal/screen.ts';
import type { PipActivity } from './pip.ts';
import type { SetUpOutput } from './set-up-options.ts';

/** Redraws per second on a terminal. */
const FRAMES = 10;
/** Without a terminal, seconds without output after which a progress line follows: CI services cancel silent jobs. */
const HEARTBEAT = 30;

/** Shows a set-up on `screen`: a live line on a terminal, a line for each step elsewhere. Dispose it at the end. */
export function createSetUpOutput(screen: Screen): SetUpOutput & Disposable {
  const started = performance.now();
  let activity: PipActivity | null = null;
  let printed = '';
  let lastOutput = started;
  let tick = 0;

  const elapsed = () => formatDuration((performance.now() - started) / 1000);
  const describe = ({ doing, bytes }: PipActivity) => {
    if (bytes === null) return doing;
    const bar = progressBar((100 * bytes.done) / bytes.total, 20, screen);
    return `${bar} ${formatBytes(bytes.done)} of ${formatBytes(bytes.total)}  ${doing}`;
  };
  const timer = setInterval(() => {
    tick += 1;
    if (activity === null) return;
    if (screen.interactive) screen.live(`${spinner(tick, screen)} ${elapsed()}  ${describe(activity)}`);
    else if (performance.now() - lastOutput > HEARTBEAT * 1000)
      print(`  in progress for ${elapsed()}: ${describe(activity)}`);
  }, 1000 / FRAMES);

  const print = (line: string) => {
    lastOutput = performance.now();
    screen.print(line);
  };
  return {
    info: print,
    warn: (message) => print(screen.style('yellow', message)),
    activity(next) {
      activity = next;
      // Downloads and the installation get a line each. Other steps appear only in the live line.
      if (screen.interactive || next.bytes !== null || next.doing === printed || /^Collecting/.test(next.doing)) return;
      printed = next.doing;
      print(`  ${next.doing}`);
    },
    [Symbol.dispose]() {
      clearInterval(timer);
      screen.clear();
    },
  };
}
