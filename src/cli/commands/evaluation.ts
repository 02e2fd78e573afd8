import { metricName } from '../../client/score-words.ts';
import { ApiError } from '../api/errors.ts';
import { findJobId, JOB_REFERENCE } from '../api/job-reference.ts';
import { READ_EVALUATION } from '../api/operations/jobs.ts';
import type { Evaluation } from '../../client/evaluation.ts';
import { EXIT } from '../exit-code.ts';
import { formatMetric } from '../terminal/format.ts';
import { describeResult, formatScore } from '../terminal/score.ts';
import { alignColumns, shorten } from '../terminal/table.ts';
import type { Screen } from '../terminal/screen.ts';
import { type Action, type AddCommand, examples } from './command.ts';
import { apiFor, type CommonFlags } from './context.ts';

const MAX_LABEL = 16;
const MAX_IMPORTANCE = 15;
/** Wider matrices do not fit on a terminal; `--json` has them. */
const MAX_CLASSES = 12;

/** `trainyard evaluation` */
export const addEvaluation: AddCommand = (program, run) => {
  program
    .command('evaluation')
    .description('show how good the model of a job is, next to a baseline')
    .argument('<job>', JOB_REFERENCE)
    .addHelpText(
      'after',
      examples(
        ['trainyard evaluation @last', 'scores, confusion matrix and importance of columns'],
        ['trainyard evaluation @last --json', 'with predicted and actual values, for scripts'],
      ),
    )
    .action(run(evaluation));
};

const evaluation: Action<CommonFlags, [reference: string]> = async (context, flags, reference) => {
  const { screen } = context;
  const api = apiFor(flags, context);
  const id = await findJobId(api, reference);
  const { job } = await api.request(READ_EVALUATION, { id });
  if (job === null) throw new ApiError(`Job ${id} has been deleted.`, 'JobNotFoundError');
  const found = job.evaluation as Evaluation | null;
  if (flags.json === true) screen.print(JSON.stringify({ id, score: job.score, evaluation: found }));
  else if (job.score === null && found === null) screen.print(`${id} has no score yet.`);
  else {
    for (const line of describeResult(job, screen)) screen.paragraph(line);
    if (found !== null) printEvaluation(found, screen);
  }
  return EXIT.SUCCESS;
};

function printEvaluation({ metrics, baseline, confusion, importance }: Evaluation, screen: Screen): void {
  const head = (...cells: readonly string[]) => cells.map((cell) => screen.style('dim', cell));
  const print = (rows: readonly (readonly string[])[]) => {
    screen.print();
    for (const line of alignColumns(rows, ['LEFT', ...Array<'RIGHT'>(100).fill('RIGHT')])) screen.print(line);
  };
  print([
    head('METRIC', 'MODEL', ...(baseline === null ? [] : [baseline.toUpperCase()]), 'UNIT'),
    ...metrics.map(({ name, value, unit, baseline: other }) => [
      metricName(name),
      formatScore(name, value),
      ...(baseline === null ? [] : [formatScore(name, other)]),
      unit ?? '',
    ]),
  ]);
  if (confusion !== null && confusion.labels.length <= MAX_CLASSES) {
    const labels = confusion.labels.map((label) => shorten(label, MAX_LABEL));
    print([
      head('ACTUAL, PREDICTED', ...labels),
      ...confusion.counts.map((row, index) => [labels[index] ?? '', ...row.map(String)]),
    ]);
  }
  if (importance !== null && importance.length > 0) {
    print([
      head('COLUMN', 'IMPORTANCE'),
      ...importance.slice(0, MAX_IMPORTANCE).map(({ name, value }) => [shorten(name, 40), formatMetric(round(value))]),
    ]);
  }
}

function round(value: number | null): number | null {
  return value === null ? null : Number(value.toFixed(4)) + 0;
}
