import type { Api } from '../api/create-api.ts';
import { findJobId, JOB_REFERENCE } from '../api/job-reference.ts';
import { COUNT_POINTS } from '../api/operations/metrics.ts';
import { EXIT } from '../exit-code.ts';
import { readNumber } from '../flags/values.ts';
import { renderChart } from '../metrics/chart.ts';
import { metricsCsv } from '../metrics/csv.ts';
import { readHistory } from '../metrics/read-history.ts';
import { groupSeries } from '../metrics/series.ts';
import { UsageError } from '../usage-error.ts';
import { type Action, type AddCommand, examples } from './command.ts';
import { apiFor, type CommonFlags } from './context.ts';

interface MetricsFlags extends CommonFlags {
  readonly csv?: boolean;
  readonly log?: boolean;
  readonly system?: boolean;
  readonly fromStep?: number;
  readonly toStep?: number;
  readonly maxPoints?: number;
}

/** More points than a terminal has columns. */
const PLOTTED_POINTS = 1000;

/** `trainyard metrics` */
export const addMetrics: AddCommand = (program, run) => {
  const whole = (flag: string) => (text: string) => readNumber(flag, text, { whole: true, least: 0 });
  program
    .command('metrics')
    .description('plot the metrics of a job, or write them as CSV')
    .argument('<job>', JOB_REFERENCE)
    .argument('[name...]', 'metrics to show, for example loss val_loss (default: all of the training)')
    .option('--csv', 'print the complete history as CSV: step, time, a column for each metric')
    .option('--log', 'use a logarithmic axis')
    .option('--system', 'also show CPU, memory and GPUs: the metrics system/...')
    .option('--from-step <n>', 'first step', whole('--from-step'))
    .option('--to-step <n>', 'last step', whole('--to-step'))
    .option('--max-points <n>', 'downsample each metric to about this many points', whole('--max-points'))
    .addHelpText(
      'after',
      examples(
        ['trainyard metrics @last', 'plot all metrics of the training'],
        ['trainyard metrics @last loss val_loss --log', 'plot two metrics'],
        ['trainyard metrics @last --csv > history.csv', 'every report'],
      ),
    )
    .action(run(metrics));
};

const metrics: Action<MetricsFlags, [reference: string, names: readonly string[]]> = async (
  context,
  flags,
  reference,
  names,
) => {
  const { screen } = context;
  if (flags.csv === true && flags.json === true) throw new UsageError('--csv and --json cannot be combined.');
  const api = apiFor(flags, context);
  const id = await findJobId(api, reference);
  const isExport = flags.csv === true || flags.json === true;
  const series = await readHistory(api, id, {
    names: names.length > 0 ? names : null,
    system: flags.system === true,
    fromStep: flags.fromStep ?? null,
    toStep: flags.toStep ?? null,
    maxPoints: flags.maxPoints ?? (isExport ? null : PLOTTED_POINTS),
  });
  if (flags.json === true) screen.print(JSON.stringify(series));
  else if (flags.csv === true) for (const line of metricsCsv(series)) screen.print(line);
  else if (series.length === 0) screen.paragraph(await describeNone(api, id, names));
  else {
    for (const [index, group] of groupSeries(series, screen.colours).entries()) {
      if (index > 0) screen.print();
      for (const line of renderChart(group, screen, { logarithmic: flags.log === true })) screen.print(line);
    }
  }
  return EXIT.SUCCESS;
};

/** Why there is nothing to plot, as a sentence. */
async function describeNone(api: Api, id: string, names: readonly string[]): Promise<string> {
  if (names.length === 0) return `${id} has not reported any metrics yet.`;
  const { job } = await api.request(COUNT_POINTS, { id });
  const known = job?.metrics.map(({ name }) => name) ?? [];
  const has = known.length > 0 ? ` It has: ${known.join(', ')}.` : '';
  return `${id} has not reported ${names.join(', ')} yet.${has}`;
}
