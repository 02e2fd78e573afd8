import { formatBytes, formatDuration } from '../terminal/format.ts';
import { progressBar, spinner } from '../terminal/progress-bar.ts';
import type { Screen } from '../terminal/screen.ts';
import type { PipActivity } from './pip.ts';
import type { SetUpOutput } from './set-up.ts';

/** Redraws per second on a terminal. */
const FRAMES = 10;
/** Without a terminal, seconds of silence after which a line says that it still works: CI services end silent jobs. */
const HEARTBEAT = 30;

/** Shows a set-up on `screen`: a live line on a terminal, a line for each thing done elsewhere. Dispose when it is over. */
export function showSetUp(screen: Screen): SetUpOutput & Disposable {
  const started = performance.now();
  let activity: PipActivity | null = null;
  let printed = '';
  let spoke = started;
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
    else if (performance.now() - spoke > HEARTBEAT * 1000)
      print(`  still at it after ${elapsed()}: ${describe(activity)}`);
  }, 1000 / FRAMES);

  const print = (line: string) => {
    spoke = performance.now();
    screen.print(line);
  };
  return {
    say: print,
    warn: (sentence) => print(screen.style('yellow', sentence)),
    activity(next) {
      activity = next;
      // Each download and the installation get a line; what leads up to them is for the live line alone.
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
