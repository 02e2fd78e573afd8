import { open } from 'node:fs/promises';
import { isCode } from '../files/read-json.ts';
import type { MetricPoint, MetricQuery, MetricSeries } from '../runner.ts';
import { thin } from './thin.ts';

const CHUNK_BYTES = 64 * 1024;
/** A longer line is no report of ours. */
const MAX_LINE = 1024 * 1024;

interface Report {
  readonly attempt?: number;
  readonly at: number;
  readonly step: number;
  readonly values: Readonly<Record<string, number | null>>;
}

/**
 * Reads the metrics history of a job, one series for each name that was reported. A missing file is an empty history; a line
 * that is torn or not a report is passed over. Of steps that a later attempt did again, only the later ones count.
 */
export async function readMetrics(path: string, query: MetricQuery): Promise<MetricSeries[]> {
  const names = query.names ? new Set(query.names) : undefined;
  const from = query.fromStep ?? 0;
  const to = query.toStep ?? Infinity;
  const series = new Map<string, MetricPoint[]>();
  let attempt = 1;
  for await (const line of linesOf(path)) {
    const report = parseReport(line);
    if (!report) continue;
    if (report.attempt !== undefined && report.attempt > attempt) {
      attempt = report.attempt;
      // A new attempt goes on from what was saved last, or anew: what came after that was not kept, and is done again.
      for (const points of series.values()) {
        points.length = points.findLastIndex(({ step }) => step < report.step) + 1;
      }
    }
    if (report.step < from || report.step > to) continue;
    for (const [name, value] of Object.entries(report.values)) {
      if (names && !names.has(name)) continue;
      const points = series.get(name);
      const point = { step: report.step, value, at: report.at * 1000 };
      if (points) points.push(point);
      else series.set(name, [point]);
    }
  }
  return [...series].map(([name, points]) => summarise(name, points, query.maxPoints));
}

function summarise(name: string, points: readonly MetricPoint[], maxPoints: number | null | undefined): MetricSeries {
  const better = higherIsBetter(name) ? (a: number, b: number) => a > b : (a: number, b: number) => a < b;
  let best: MetricPoint | null = null;
  for (const point of points) {
    if (point.value !== null && (best === null || better(point.value, best.value as number))) best = point;
  }
  const shown = maxPoints == null ? points : thin(points, maxPoints);
  return {
    name,
    points: shown,
    totalPoints: points.length,
    sampled: shown.length < points.length,
    latest: points.at(-1) ?? null,
    best,
  };
}

/** Whether more of this metric is better, as its name says; otherwise less is. */
export function higherIsBetter(name: string): boolean {
  return /(^|_)(acc|accuracy|r2|f1|auc|precision|recall|score|bleu|map|iou)(_|$)/i.test(name);
}

function parseReport(line: string): Report | undefined {
  try {
    const report = JSON.parse(line) as Partial<Report> | null;
    if (typeof report?.step !== 'number' || typeof report.at !== 'number') return undefined;
    if (typeof report.values !== 'object' || (report.values as object | null) === null) return undefined;
    return report as Report;
  } catch {
    return undefined;
  }
}

/** The whole lines of a file. Read in pieces, so that other work of this process gets its turn in between. */
async function* linesOf(path: string): AsyncGenerator<string> {
  let file;
  try {
    file = await open(path, 'r');
  } catch (error) {
    if (isCode(error, 'ENOENT')) return;
    throw error;
  }
  try {
    const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
    const decoder = new TextDecoder();
    let rest = '';
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, CHUNK_BYTES);
      if (bytesRead === 0) return;
      const lines = (rest + decoder.decode(buffer.subarray(0, bytesRead), { stream: true })).split('\n');
      // The last piece has no newline yet: it waits for its rest.
      rest = lines.pop() ?? '';
      if (rest.length > MAX_LINE) rest = '';
      yield* lines;
    }
  } finally {
    await file.close();
  }
}
