import { ExpectedError } from '../runner/index.ts';
import type { MetricPoint, MetricSeries } from '../runner/index.ts';
import { yieldToEventLoop } from './yield-to-event-loop.ts';

/** Maximum number of points in one answer: about a megabyte of JSON. Serializing it blocks the event loop. */
export const MAX_POINTS = 10_000;

/** The answer has more points than {@link MAX_POINTS}. */
class TooManyPointsError extends ExpectedError {
  readonly code = 'TOO_MANY_POINTS';
}

/**
 * Returns the points of a series for an answer. Iteration yields to the event loop if there are many.
 * @param execution an object that identifies the answer: the points of all its fields count together
 * @throws TooManyPointsError if the answer has too many points
 */
export function listPoints({ name, points, totalPoints }: MetricSeries, execution: object): AsyncIterable<MetricPoint> {
  const already = listed.get(execution) ?? 0;
  if (points === null || already + points.length > MAX_POINTS) {
    const others = already === 0 ? '' : `, and this answer already has ${already}`;
    throw new TooManyPointsError(
      `The series ${JSON.stringify(name)} has ${points?.length ?? totalPoints} points in this range. One answer holds at most ${MAX_POINTS}${others}. Downsample (maxPoints), or narrow the range (fromStep, toStep).`,
    );
  }
  listed.set(execution, already + points.length);
  return yieldToEventLoop(points);
}

/** Number of points so far, by answer. */
const listed = new WeakMap<object, number>();
