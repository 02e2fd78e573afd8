import { type Curves, EMPTY_CURVE, type StepRange, toCurves } from '../curves/curve.ts';
import type { Session } from '../live/session.ts';
import { CurvesDocument } from './operations.ts';

/** Points that the page requests for a curve: about as many as a screen has columns. */
export const MAX_POINTS = 2000;
/** Points that the page requests at once: a response of the API has at most 10,000. */
const MAX_REQUEST_POINTS = 9000;
/** Metrics that the page requests at once: each still gets 600 points. */
const MAX_REQUEST_NAMES = 15;

/** Curves of a job, and the names of its metrics. */
export interface CurvesRead {
  /** One for each requested name, empty if it has no points in the range. */
  readonly curves: Curves;
  /** All metrics of the job that have points in the range, not only the requested ones. */
  readonly names: readonly string[];
}

/** Reads curves of a job, downsampled. @param range default: all steps */
export async function readCurves(
  session: Session,
  id: string,
  names: readonly string[],
  range?: StepRange,
): Promise<CurvesRead> {
  const parts = Array.from({ length: Math.max(1, Math.ceil(names.length / MAX_REQUEST_NAMES)) }, (_, part) =>
    names.slice(part * MAX_REQUEST_NAMES, (part + 1) * MAX_REQUEST_NAMES),
  );
  const jobs = await Promise.all(
    parts.map(async (part, index) => {
      const response = await session.query(CurvesDocument, {
        id,
        names: part,
        withNames: index === 0,
        maxPoints: Math.min(MAX_POINTS, Math.floor(MAX_REQUEST_POINTS / Math.max(1, part.length))),
        ...(range && { fromStep: range.from, toStep: range.to }),
      });
      return response.job;
    }),
  );
  const read = toCurves(jobs.flatMap((job) => job?.metrics ?? []));
  return {
    curves: new Map(names.map((name) => [name, read.get(name) ?? EMPTY_CURVE])),
    names: jobs.flatMap((job) => job?.names ?? []).map(({ name }) => name),
  };
}
