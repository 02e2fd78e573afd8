import { formatCount, formatDuration, formatMetric } from '../terminal/format.ts';
import { progressBar, spinner } from '../terminal/progress-bar.ts';
import type { Screen, Style } from '../terminal/screen.ts';
import type { JobStatus, ProgressMessage } from './api.ts';

/** Draws a training as its messages arrive. Dispose when it is over. */
export interface TrainingView extends Disposable {
  show(message: ProgressMessage): void;
}

/** Without a terminal a line is printed each time this many percent are passed. */
const PLAIN_STEP = 10;

const STYLES: Partial<Record<JobStatus, Style>> = { COMPLETED: 'green', STOPPED: 'yellow', ERROR: 'red' };

/** A line for each change of status, and a live bar below them (on a terminal) or a line at every tenth (elsewhere). */
export function createTrainingView(screen: Screen): TrainingView {
  let latest: ProgressMessage | null = null;
  let passed = 0;
  let said: string | null = null;
  let tick = 0;

  const draw = () => {
    if (latest === null || isOver(latest.status)) return;
    const head =
      latest.status === 'RUNNING' || latest.status === 'STOPPING'
        ? screen.style('cyan', progressBar(latest.percent, screen.columns < 110 ? 12 : 24, screen))
        : spinner(tick, screen);
    screen.live(`${head} ${describeProgress(latest)}`);
  };
  // Redrawn between messages too: while PyTorch is loading nothing arrives for seconds, and the spinner shows life.
  const timer = setInterval(() => {
    tick += 1;
    draw();
  }, 100);

  return {
    show(message) {
      const changed = latest?.status !== message.status;
      latest = message;
      if (isOver(message.status)) screen.clear();
      // Before the lines above it are printed, which redraws it: it must not show what is over.
      else draw();
      if (changed) {
        const style = STYLES[message.status];
        screen.print(style === undefined ? message.status : screen.style([style, 'bold'], message.status));
      }
      if (message.message !== null && message.message !== said) {
        said = message.message;
        screen.print(`  ${message.message}`);
      }
      const tenth = Math.floor(message.percent / PLAIN_STEP);
      if (!screen.interactive && message.status === 'RUNNING' && tenth > passed && message.percent < 100) {
        passed = tenth;
        screen.print(`  ${describeProgress(message)}`);
      }
      if (isOver(message.status) && message.loss !== null) screen.print(`  ${describeProgress(message)}`);
    },
    [Symbol.dispose]() {
      clearInterval(timer);
      screen.clear();
    },
  };
}

/**
 * For example `41.7%  13 s left  epoch 5/12  loss 0.1200  val_loss 0.2000  5,321 samples/s`: what matters most comes first, since
 * a narrow terminal cuts the end off.
 */
export function describeProgress(message: ProgressMessage): string {
  const { status, percent, epoch, epochs, loss, metrics, samplesPerSecond, etaSeconds } = message;
  if (loss === null) return status === 'RUNNING' ? `${percent.toFixed(1)}%` : describeWaiting(status);
  const others = Object.entries(metrics).filter(([name]) => name !== 'loss');
  return [
    `${percent.toFixed(1)}%`,
    ...(etaSeconds === null || isOver(status) ? [] : [`${formatDuration(etaSeconds)} left`]),
    epochs === null ? `epoch ${epoch}` : `epoch ${epoch}/${epochs}`,
    `loss ${formatMetric(loss)}`,
    ...others.slice(0, 3).map(([name, value]) => `${name} ${formatMetric(value)}`),
    ...(samplesPerSecond === null || isOver(status) ? [] : [`${formatCount(samplesPerSecond)} samples/s`]),
  ].join('  ');
}

/** Whether a job with this status is over. */
export function isOver(status: JobStatus): boolean {
  return status === 'COMPLETED' || status === 'STOPPED' || status === 'ERROR';
}

function describeWaiting(status: JobStatus): string {
  switch (status) {
    case 'QUEUED':
      return 'waiting for a free slot';
    case 'STARTING':
      return 'starting Python';
    case 'LOADING':
      return 'loading PyTorch and the data';
    default:
      return status.toLowerCase();
  }
}
