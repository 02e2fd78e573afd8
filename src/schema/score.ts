import { readEvaluation } from '../resolvers/read-evaluation.ts';
import { isHardlyBetter, type Score, type ScorePart } from '../runner/index.ts';
import { builder } from './builder.ts';
import { MetricGoalEnum } from './job-enums.ts';
import { JobRef } from './job.ts';

export const ScorePartEnum = builder.enumType('ScorePart', {
  description: 'Part of the data that a score was measured on.',
  values: {
    TEST: { description: 'Held-out data: expect this score for new data.' },
    CROSS_VALIDATION: { description: 'All data, each example predicted by a model that was not trained on it.' },
    VALIDATION: { description: 'Data that was used to choose the epoch or the settings: the score is optimistic.' },
    TRAINING: { description: 'Data that the model was trained on, or unknown data.' },
  } as const satisfies Record<ScorePart, object>,
});

const ScoreRef = builder.objectRef<Score>('Score').implement({
  description:
    'Main metric of a job, used to compare jobs: the score that the trainer reports, or else the best value of a metric, selected by name, for example `test_accuracy`.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Name of the metric.' }),
    value: t.exposeFloat('value', { description: 'Value.' }),
    goal: t.expose('goal', {
      type: MetricGoalEnum,
      description: 'Direction: the highest or the lowest value is the best.',
    }),
    baseline: t.exposeFloat('baseline', {
      nullable: true,
      description: 'Value of a trivial model, such as one that always predicts the mean; null if unknown.',
    }),
    hardlyBetter: t.boolean({
      nullable: true,
      description: 'True if the model is hardly better than the baseline, or worse; null without a baseline.',
      resolve: (score) => isHardlyBetter(score),
    }),
    part: t.expose('part', { type: ScorePartEnum, description: 'Part of the data that it was measured on.' }),
    rows: t.expose('rows', {
      type: 'SafeInt',
      nullable: true,
      description: 'Number of examples that it was measured on; null if unknown.',
    }),
    epoch: t.expose('epoch', { type: 'SafeInt', nullable: true, description: 'Epoch of the model; null if unknown.' }),
    step: t.expose('step', {
      type: 'SafeInt',
      nullable: true,
      description: 'Step of the best value, if the trainer reports no score itself.',
    }),
    unit: t.exposeString('unit', { nullable: true, description: 'Unit of the value; null if it has none.' }),
  }),
});

builder.objectFields(JobRef, (t) => ({
  score: t.field({
    type: ScoreRef,
    nullable: true,
    description: 'Score of the job so far; null before the first.',
    resolve: ({ score }) => score,
  }),
  evaluation: t.field({
    type: 'JSON',
    nullable: true,
    description:
      'Measured quality of the model; null if the trainer has not evaluated it. An object with `part`, `rows`, `folds`, `epoch`, `chosenBy`, `score` (name of the main metric), `metrics` (list of `name`, `value`, `goal`, `unit`, `baseline`), `baseline` (its name), `confusion` (`labels`, `counts`), `predictions` (`actual`, `predicted`), `importance` (list of `name`, `value`), `notes`, `attempt` and `at`.',
    complexity: 20,
    tracing: true,
    resolve: (job, _args, context) => readEvaluation(context, job),
  }),
}));
