import { listPoints, MAX_POINTS } from '../resolvers/metric-points.ts';
import { readMetrics } from '../resolvers/read-metrics.ts';
import { yieldToEventLoop } from '../resolvers/yield-to-event-loop.ts';
import type { MetricPoint, MetricSeries } from '../runner/index.ts';
import { builder } from './builder.ts';
import { JobRef } from './job.ts';
import { MetricGoalEnum, NonFiniteEnum } from './job-enums.ts';

const MetricPointRef = builder.objectRef<MetricPoint>('MetricPoint').implement({
  description: 'One reported value of a metric.',
  fields: (t) => ({
    step: t.expose('step', { type: 'SafeInt', description: 'Number of optimizer steps completed at that time.' }),
    value: t.exposeFloat('value', {
      nullable: true,
      description: 'Reported value; null if it was not a finite number.',
    }),
    nonFinite: t.field({
      type: NonFiniteEnum,
      nullable: true,
      description: 'Reported value if it was not a finite number; otherwise null.',
      resolve: ({ nonFinite }) => nonFinite ?? null,
    }),
    at: t.expose('at', { type: 'DateTime', description: 'Time when it was reported.' }),
  }),
});

const MetricSeriesRef = builder.objectRef<MetricSeries>('MetricSeries').implement({
  description: 'History of one metric.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Metric name, for example `loss` or `val_accuracy`.' }),
    points: t.field({
      type: [MetricPointRef],
      description: `Values in the order of their reports, which is ascending order of step unless \`stepsGoBack\`. One answer holds at most ${MAX_POINTS.toLocaleString('en')} points of all series. For longer histories, downsample (maxPoints) or narrow the range (fromStep, toStep).`,
      // Job.metrics is charged for the number of points.
      complexity: { field: 1, multiplier: 1 },
      // GraphQL creates this function once for each answer, so it identifies the answer.
      resolve: (series, _args, _context, { getAsyncHelpers }) => listPoints(series, getAsyncHelpers),
    }),
    totalPoints: t.expose('totalPoints', {
      type: 'SafeInt',
      description: 'Number of values in the range, before downsampling.',
    }),
    sampled: t.exposeBoolean('sampled', { description: 'True if `points` was downsampled to `maxPoints`.' }),
    stepsGoBack: t.exposeBoolean('stepsGoBack', {
      description: 'True if steps decrease within an attempt. Then plot the values by time (`at`) instead of step.',
    }),
    goal: t.expose('goal', {
      type: MetricGoalEnum,
      description:
        'Direction: the highest or the lowest value is the best, as the trainer defines it or as the name says.',
    }),
    latest: t.expose('latest', {
      type: MetricPointRef,
      nullable: true,
      description: 'Latest value in the range; null if there is none.',
    }),
    best: t.expose('best', {
      type: MetricPointRef,
      nullable: true,
      description: 'Best value in the range: the highest or lowest one (see `goal`); null if none is finite.',
    }),
  }),
});

/** Number of points that the cost assumes if `maxPoints` is not given. */
const ASSUMED_POINTS = 2000;

builder.objectField(JobRef, 'metrics', (t) =>
  t.field({
    type: [MetricSeriesRef],
    description: 'Complete history of the metrics, one series per name.',
    args: {
      names: t.arg.stringList({ description: 'Names of the series to return; default: all.' }),
      fromStep: t.arg({ type: 'SafeInt', description: 'First step to return, inclusive.' }),
      toStep: t.arg({ type: 'SafeInt', description: 'Last step to return, inclusive.' }),
      maxPoints: t.arg.int({
        description:
          'Maximum number of points per series: longer series are downsampled, keeping lows and highs. Default: no downsampling.',
      }),
    },
    complexity: ({ names, maxPoints }) => ({
      field: 10,
      multiplier: (names?.length ?? 3) * Math.max(1, Math.ceil((maxPoints ?? ASSUMED_POINTS) / 200)),
    }),
    tracing: true,
    resolve: async (job, args, context) => yieldToEventLoop(await readMetrics(context, job, args)),
  }),
);
