/** A ratio that a benchmark printed with its goal. */
export interface Ratio {
  /** The title of its section, and the name of the measurement. */
  readonly name: string;
  readonly value: number;
  /** Which direction is better. */
  readonly goal: 'at least' | 'at most';
}

/** A ratio that got worse. */
export interface Regression {
  readonly name: string;
  readonly before: number;
  readonly now: number;
}

/** Ratios of two runs on a busy machine differ by up to a third. */
const TOLERANCE = 1.35;

/** The ratios in the output of benchmarks or in a file of results. Of several measurements of the same thing, the last one. */
export function ratiosIn(markdown: string): Ratio[] {
  const ratios = new Map<string, Ratio>();
  let section = '';
  for (const line of markdown.split('\n')) {
    section = /^#+ (.*)$/.exec(line)?.[1] ?? section;
    const [, what, value, goal] = /^- (.*): ([\d.]+) x; goal (at least|at most) [\d.]+ x: /.exec(line) ?? [];
    if (what === undefined || (goal !== 'at least' && goal !== 'at most')) continue;
    const name = `${section}: ${what}`;
    ratios.set(name, { name, value: Number(value), goal });
  }
  return [...ratios.values()];
}

/** The ratios that are worse than before by more than the usual difference between two runs. New ones are not compared. */
export function regressionsOf(before: readonly Ratio[], now: readonly Ratio[]): Regression[] {
  const earlier = new Map(before.map((ratio) => [ratio.name, ratio.value]));
  return now.flatMap(({ name, value, goal }) => {
    const last = earlier.get(name);
    if (last === undefined) return [];
    const isWorse = goal === 'at least' ? value * TOLERANCE < last : value > last * TOLERANCE;
    return isWorse ? [{ name, before: last, now: value }] : [];
  });
}
