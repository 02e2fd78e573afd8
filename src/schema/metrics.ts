import { listPoints, MAX_POINTS } from '../resolvers/metric-points.ts';
import { readMetrics } from '../resolvers/read-metrics.ts';
import { inTurns } from '../resolvers/turns.ts';
import type { MetricPoint, MetricSeries } from '../runner/index.ts';
import { builder } from './builder.ts';
import { JobRef } from './job.ts';

const MetricPointRef = builder.objectRef<MetricPoint>('MetricPoint').implement({
  description: 'One value that a trainer reported.',
  fields: (t) => ({
    step: t.expose('step', { type: 'SafeInt', description: 'Optimizer steps done at that time.' }),
    value: t.exposeFloat('value', {
      nullable: true,
      description: 'The value; null where it was not a finite number.',
    }),
    at: t.expose('at', { type: 'DateTime', description: 'When it was reported.' }),
  }),
});

const MetricSeriesRef = builder.objectRef<MetricSeries>('MetricSeries').implement({
  description: 'The history of one metric.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'For example `loss` or `val_accuracy`.' }),
    points: t.field({
      type: [MetricPointRef],
      description: `The values by step, ascending. One answer holds at most ${MAX_POINTS.toLocaleString('en')} points of all series: of longer histories ask for a range of steps, or have them thinned.`,
      // Job.metrics is charged for the number of points.
      complexity: { field: 1, multiplier: 1 },
      // GraphQL makes this function anew for each answer: all fields of one have the same.
      resolve: (series, _args, _context, { getAsyncHelpers }) => listPoints(series, getAsyncHelpers),
    }),
    totalPoints: t.expose('totalPoints', {
      type: 'SafeInt',
      description: 'How many values there are in the range, before thinning.',
    }),
    sampled: t.exposeBoolean('sampled', { description: 'True when `points` was thinned to `maxPoints`.' }),
    latest: t.expose('latest', {
      type: MetricPointRef,
      nullable: true,
      description: 'The newest value in the range; null when there is none.',
    }),
    best: t.expose('best', {
      type: MetricPointRef,
      nullable: true,
      description:
        'The lowest value in the range; the highest where the name says that more is better (accuracy, r2, f1, auc, precision, recall, score, bleu, map, iou).',
    }),
  }),
});

/** What is assumed for the cost of a history that is asked for whole. */
const ASSUMED_POINTS = 2000;

builder.objectField(JobRef, 'metrics', (t) =>
  t.field({
    type: [MetricSeriesRef],
    description: 'The complete history of its metrics, one series a name.',
    args: {
      names: t.arg.stringList({ description: 'Only these series; default all.' }),
      fromStep: t.arg({ type: 'SafeInt', description: 'Only from this step on.' }),
      toStep: t.arg({ type: 'SafeInt', description: 'Only up to this step, inclusive.' }),
      maxPoints: t.arg.int({
        description: 'Thin each series to at most this many points, lows and highs kept; default: never thinned.',
      }),
    },
    complexity: ({ names, maxPoints }) => ({
      field: 10,
      multiplier: (names?.length ?? 3) * Math.max(1, Math.ceil((maxPoints ?? ASSUMED_POINTS) / 200)),
    }),
    tracing: true,
    resolve: async (job, args, context) => inTurns(await readMetrics(context, job, args)),
  }),
);
