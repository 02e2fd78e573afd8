import type { JobStatus, ProgressMessageFragment } from './graphql/graphql.ts';
import { metricsOf } from './metrics-of.ts';
import { formatCount, formatDuration, formatMetric } from './terminal/format.ts';
import { progressBar, spinner } from './terminal/progress-bar.ts';
import { STATUS_STYLES } from './terminal/status-style.ts';
import type { Screen } from './terminal/screen.ts';
import { sparkline } from './terminal/sparkline.ts';

/** One message of the live feed of a job. */
export type ProgressMessage = Pick<
  ProgressMessageFragment,
  'status' | 'percent' | 'epoch' | 'epochs' | 'loss' | 'metrics' | 'message' | 'samplesPerSecond' | 'etaSeconds'
>;

/** Draws a training as its messages arrive. Dispose when it is over. */
export interface TrainingView extends Disposable {
  show(message: ProgressMessage): void;
  /** The job has printed a line. */
  showLine(text: string): void;
  /** The feed has lost its connection, or has it again. */
  connection(state: 'LOST' | 'BACK'): void;
}

/** Without a terminal a line is printed each time this many percent are passed. */
const PLAIN_STEP = 10;
const KEPT_LOSSES = 2000;
const CURVE_WIDTH = 80;

/**
 * A line for each change of status, and below them a live bar with the curve of the loss (on a terminal) or a line at every tenth
 * (elsewhere).
 * @param history losses reported before the first message, oldest first, for the curve
 */
export function createTrainingView(screen: Screen, history: readonly number[] = []): TrainingView {
  let losses = [...history];
  let lost = false;
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
    const curve =
      screen.unicode && losses.length > 1
        ? [
            `${screen.style('dim', 'loss')} ${screen.style('cyan', sparkline(losses, Math.min(CURVE_WIDTH, screen.columns - 6)))}`,
          ]
        : [];
    const trouble = lost ? [screen.style('yellow', `${spinner(tick, screen)} connection lost, trying again`)] : [];
    screen.live([...curve, `${head} ${describeProgress(latest)}`, ...trouble]);
  };
  const say = (text: string | null) => {
    if (text === null || text === said) return;
    said = text;
    screen.print(`  ${text}`);
  };
  // Redrawn between messages too: while PyTorch is loading nothing arrives for seconds, and the spinner shows life.
  const timer = setInterval(() => {
    tick += 1;
    draw();
  }, 100);

  return {
    show(message) {
      const changed = latest?.status !== message.status;
      // A new attempt begins from what was saved.
      if (message.percent < (latest?.percent ?? 0)) passed = Math.floor(message.percent / PLAIN_STEP);
      if (message.loss !== null && message.loss !== latest?.loss) losses.push(message.loss);
      if (losses.length > KEPT_LOSSES) losses = losses.filter((_, index) => index % 2 === 1);
      latest = message;
      if (isOver(message.status)) {
        screen.clear();
        // What came together with the end was said before it.
        say(message.message);
      } else {
        // Before the lines above it are printed, which redraws it: it must not show what is over.
        draw();
      }
      if (changed) {
        screen.print(
          isOver(message.status)
            ? screen.style([STATUS_STYLES[message.status], 'bold'], message.status)
            : message.status,
        );
      }
      say(message.message);
      const tenth = Math.floor(message.percent / PLAIN_STEP);
      if (!screen.interactive && message.status === 'RUNNING' && tenth > passed && message.percent < 100) {
        passed = tenth;
        screen.print(`  ${describeProgress(message)}`);
      }
      if (isOver(message.status) && message.loss !== null) screen.print(`  ${describeProgress(message)}`);
    },
    showLine(text) {
      // What a trainer says last it often prints as well.
      said = text;
      screen.print(screen.style('dim', `  ${text}`));
    },
    connection(state) {
      lost = state === 'LOST';
      if (screen.interactive) draw();
      else screen.print(lost ? 'Connection lost, trying again.' : 'Connected again.');
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
  const others = metricsOf(metrics).filter(([name]) => name !== 'loss');
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
