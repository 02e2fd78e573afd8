import type { Api } from '../api/create-api.ts';
import { ApiError } from '../api/errors.ts';
import { COUNT_POINTS, READ_METRICS } from '../api/operations/metrics.ts';
import { isSystem, type Series } from './series.ts';

/** Maximum number of points in a response of the API, all metrics together. */
const MAX_POINTS = 10_000;

export interface HistoryQuery {
  /** Metrics to read; null for all of the training. */
  readonly names: readonly string[] | null;
  /** Without `names`: reads system metrics (`system/...`) too, after the others. */
  readonly system: boolean;
  readonly fromStep: number | null;
  readonly toStep: number | null;
  /** Downsample each metric to at most this many points; null reads all points. */
  readonly maxPoints: number | null;
}

/**
 * Reads metric histories of a job, with as many requests as they need.
 * @throws ApiError, also when the job does not exist
 */
export async function readHistory(api: Api, id: string, query: HistoryQuery): Promise<readonly Series[]> {
  const { names, system, fromStep, toStep, maxPoints } = query;

  async function count(name: string | null, from: number | null, to: number | null) {
    const variables = { id, names: name === null ? names && [...names] : [name], fromStep: from, toStep: to };
    const { job } = await api.request(COUNT_POINTS, variables);
    if (job === null) throw new ApiError(`Job ${id} does not exist.`, 'JobNotFoundError');
    return job.metrics;
  }

  async function readSeries(name: string, from: number | null, to: number | null, limit: number | null) {
    const { job } = await api.request(READ_METRICS, {
      id,
      names: [name],
      fromStep: from,
      toStep: to,
      maxPoints: limit,
    });
    return job?.metrics[0];
  }

  /** Reads all points of a range. Halves the range when it has too many points for one response. */
  async function readPoints(name: string, from: number, to: number): Promise<Series['points']> {
    const [counted] = await count(name, from, to);
    if (counted === undefined || counted.totalPoints === 0) return [];
    if (counted.totalPoints <= MAX_POINTS) return (await readSeries(name, from, to, null))?.points ?? [];
    // Steps that go back can report one step any number of times.
    if (from === to) return (await readSeries(name, from, to, MAX_POINTS))?.points ?? [];
    // Not the half of their sum: steps go up to 2^53 - 1, and it would be rounded.
    const middle = from + Math.floor((to - from) / 2);
    return [...(await readPoints(name, from, middle)), ...(await readPoints(name, middle + 1, to))];
  }

  const history: Series[] = [];
  const all = await count(null, fromStep, toStep);
  const shown = [...all.filter((one) => !isSystem(one)), ...(names !== null || system ? all.filter(isSystem) : [])];
  for (const { name, totalPoints, latest } of shown) {
    const whole = await readSeries(name, fromStep, toStep, maxPoints ?? (totalPoints > MAX_POINTS ? 1 : null));
    if (whole === undefined) continue;
    const complete = maxPoints !== null || totalPoints <= MAX_POINTS;
    const points = complete ? whole.points : await readPoints(name, fromStep ?? 0, toStep ?? latest?.step ?? 0);
    history.push({ ...whole, points, sampled: complete && whole.sampled });
  }
  return history;
}
