import { hasEnded, secondsLeft } from '../client/job-progress.ts';
import type { ConnectionState } from './api/create-api.ts';
import type { JobStatus, ProgressMessageFragment } from './graphql/graphql.ts';
import { metricEntries } from './metric-entries.ts';
import { formatCount, formatDuration, formatMetric } from './terminal/format.ts';
import { progressBar, spinner } from './terminal/progress-bar.ts';
import { styleOf } from './terminal/status-style.ts';
import type { Screen } from './terminal/screen.ts';
import { sparkline } from './terminal/sparkline.ts';
import { textWidth } from './terminal/text-width.ts';

/** One message of a job's live feed. */
export type ProgressMessage = Pick<
  ProgressMessageFragment,
  | 'status'
  | 'percent'
  | 'epoch'
  | 'epochs'
  | 'step'
  | 'totalSteps'
  | 'loss'
  | 'metrics'
  | 'message'
  | 'samplesPerSecond'
  | 'etaSeconds'
>;

/** Shows a training as its messages arrive. Dispose it at the end. */
export interface TrainingView extends Disposable {
  show(message: ProgressMessage): void;
  /** Shows a log line. */
  showLine(text: string): void;
  /** Shows that the feed has lost its connection, or has reconnected. */
  connection(state: ConnectionState): void;
}

/** Without a terminal, progress lines are this many percent apart. */
const PLAIN_STEP_PERCENT = 10;
/** Newest lines of the log in the live view. */
const SHOWN_LINES = 5;
const MAX_LOSSES = 2000;
const CURVE_WIDTH = 80;

/** The part of the log that a terminal shows: all of it above the live view, or the newest lines, redrawn within the live view. */
export type LogOutput = 'ALL' | 'NEWEST';

export interface TrainingViewOptions {
  /** Losses reported before the first message, oldest first, for the curve. */
  readonly history?: readonly number[];
  /** Default `NEWEST`. Without a terminal, all lines are printed. */
  readonly log?: LogOutput;
}

/**
 * Prints a line for each change of status. On a terminal a live view follows, which is redrawn: newest log lines, curve of the loss,
 * progress bar. Elsewhere a line is printed at every 10%.
 */
export function createTrainingView(
  screen: Screen,
  { history = [], log = 'NEWEST' }: TrainingViewOptions = {},
): TrainingView {
  let losses = [...history];
  let lost = false;
  let latest: ProgressMessage | null = null;
  let shownTenths = 0;
  let lastText: string | null = null;
  let newest: readonly string[] = [];
  let tick = 0;

  const draw = () => {
    if (latest === null || hasEnded(latest.status)) return;
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
    const notice = lost ? [screen.style('yellow', `${spinner(tick, screen)} connection lost, reconnecting`)] : [];
    const lines = newest.map((line) => screen.style('dim', `  ${line}`));
    const progress = fillLines(progressParts(latest), screen.columns - 1 - textWidth(head) - 1);
    const [first = '', ...more] = progress;
    screen.live([...lines, ...curve, `${head} ${first}`, ...more.map((line) => `  ${line}`), ...notice]);
  };
  const printMessage = (text: string | null) => {
    if (text === null || text === lastText) return;
    lastText = text;
    screen.print(`  ${text}`);
  };
  const addLine = (text: string) => {
    if (text === newest.at(-1)) return;
    newest = [...newest, text].slice(-SHOWN_LINES);
  };
  const isRedrawn = screen.interactive && log === 'NEWEST';
  // Also redraws between messages: no message arrives for seconds while PyTorch loads, and the spinner shows activity.
  const timer = setInterval(() => {
    tick += 1;
    draw();
  }, 100);

  return {
    show(message) {
      const changed = latest?.status !== message.status;
      // A new attempt starts at its checkpoint.
      if (message.percent < (latest?.percent ?? 0)) shownTenths = Math.floor(message.percent / PLAIN_STEP_PERCENT);
      if (message.loss !== null && message.loss !== latest?.loss) losses.push(message.loss);
      if (losses.length > MAX_LOSSES) losses = losses.filter((_, index) => index % 2 === 1);
      latest = message;
      if (hasEnded(message.status)) {
        screen.clear();
        // The end of the log most likely shows the cause.
        if (message.status === 'ERROR') for (const line of newest) screen.print(screen.style('dim', `  ${line}`));
        newest = [];
        // A message that arrives with the final status comes before it.
        printMessage(message.message);
      } else {
        if (isRedrawn && message.message !== null) addLine(message.message);
        // Before the lines above the bar are printed: printing redraws the bar, which must show the new state.
        draw();
      }
      if (changed) {
        screen.print(
          hasEnded(message.status) ? screen.style([styleOf(message.status), 'bold'], message.status) : message.status,
        );
      }
      if (!isRedrawn) printMessage(message.message);
      const tenths = Math.floor(message.percent / PLAIN_STEP_PERCENT);
      if (!screen.interactive && message.status === 'RUNNING' && tenths > shownTenths && message.percent < 100) {
        shownTenths = tenths;
        screen.print(`  ${describeProgress(message)}`);
      }
      if (hasEnded(message.status) && hasNumbers(message)) {
        const width = screen.interactive ? screen.columns - 3 : Infinity;
        for (const line of fillLines(progressParts(message), width)) screen.print(`  ${line}`);
      }
    },
    showLine(text) {
      if (isRedrawn) {
        addLine(text);
        return;
      }
      // Trainers often print their last message as well.
      lastText = text;
      screen.print(screen.style('dim', `  ${text}`));
    },
    connection(state) {
      lost = state === 'LOST';
      if (screen.interactive) draw();
      else screen.print(lost ? 'Connection lost, reconnecting.' : 'Reconnected.');
    },
    [Symbol.dispose]() {
      clearInterval(timer);
      screen.clear();
    },
  };
}

/** For example `41.7%  13 s left  epoch 5/12  loss 0.1200  val_loss 0.2000  5,321 samples/s`. */
export function describeProgress(message: ProgressMessage): string {
  return progressParts(message).join('  ');
}

function progressParts(message: ProgressMessage): string[] {
  const { status, percent, loss, metrics, samplesPerSecond } = message;
  const left = secondsLeft(message);
  if (!hasNumbers(message) && status !== 'RUNNING') return [describePhase(status)];
  const others = metricEntries(metrics).filter(([name]) => name !== 'loss');
  return [
    `${percent.toFixed(1)}%`,
    ...(left === null || hasEnded(status) ? [] : [`${formatDuration(left)} left`]),
    ...positionParts(message),
    ...(loss === null ? [] : [`loss ${formatMetric(loss)}`]),
    ...others.slice(0, 3).map(([name, value]) => `${name} ${formatMetric(value)}`),
    ...(samplesPerSecond === null || hasEnded(status) ? [] : [`${formatCount(samplesPerSecond)} samples/s`]),
  ];
}

/** The epoch; for a training that reports none, the step. */
function positionParts({ epoch, epochs, step, totalSteps }: ProgressMessage): string[] {
  if (epochs !== null) return [`epoch ${formatCount(epoch)}/${formatCount(epochs)}`];
  if (epoch > 0) return [`epoch ${formatCount(epoch)}`];
  if (step === 0) return [];
  return [totalSteps === null ? `step ${formatCount(step)}` : `step ${formatCount(step)}/${formatCount(totalSteps)}`];
}

/** Scripts and libraries name their metrics as they like: many report none that is called `loss`. */
function hasNumbers({ loss, metrics }: ProgressMessage): boolean {
  return loss !== null || metricEntries(metrics).length > 0;
}

/** Joins parts to lines of at most `width` characters. A part is never split. */
function fillLines(parts: readonly string[], width: number): string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + 2 + part.length <= width) lines[lines.length - 1] = `${line}  ${part}`;
    else lines.push(part);
  }
  return lines;
}

function describePhase(status: JobStatus): string {
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
