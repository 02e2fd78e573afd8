import { ExpectedError } from '../runner/index.ts';
import type { MetricPoint, MetricSeries } from '../runner/index.ts';
import { yieldToEventLoop } from './yield-to-event-loop.ts';

/** How many points one answer may hold: about a megabyte of JSON, which is made in one go while everybody else waits. */
export const MAX_POINTS = 10_000;

/** The answer would hold more points than {@link MAX_POINTS}. */
class TooManyPointsError extends ExpectedError {
  readonly code = 'TOO_MANY_POINTS';
}

/**
 * The points of a series for an answer. If there are many, they yield to the event loop in between.
 * @param execution the same object for all fields of one answer, and of no other: their points count together
 * @throws TooManyPointsError when they are too many in one answer
 */
export function listPoints({ name, points, totalPoints }: MetricSeries, execution: object): AsyncIterable<MetricPoint> {
  const already = listed.get(execution) ?? 0;
  if (points === null || already + points.length > MAX_POINTS) {
    const others = already === 0 ? '' : `, and this one has ${already} before them`;
    throw new TooManyPointsError(
      `The series ${JSON.stringify(name)} has ${points?.length ?? totalPoints} points here. One answer holds at most ${MAX_POINTS}${others}. Have them thinned to fewer (maxPoints), or ask for a range of steps (fromStep, toStep).`,
    );
  }
  listed.set(execution, already + points.length);
  return yieldToEventLoop(points);
}

/** How many points each answer under way holds so far. */
const listed = new WeakMap<object, number>();
