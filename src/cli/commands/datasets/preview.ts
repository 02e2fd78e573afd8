import type { Command } from 'commander';
import { ApiError } from '../../api/errors.ts';
import { PREVIEW_DATASET } from '../../api/operations/datasets.ts';
import { EXIT } from '../../exit-code.ts';
import { readNumber, readOption } from '../../flags/values.ts';
import type { PreviewDatasetQuery } from '../../graphql/graphql.ts';
import { formatBytes, formatCount, formatMetric } from '../../terminal/format.ts';
import type { Screen } from '../../terminal/screen.ts';
import { alignColumns, shorten } from '../../terminal/table.ts';
import { type Action, examples, type Run } from '../command.ts';
import { apiFor, type CommonFlags } from '../context.ts';

interface PreviewFlags extends CommonFlags {
  readonly rows?: number;
  readonly option?: readonly string[];
}

type Dataset = NonNullable<PreviewDatasetQuery['dataset']>;
type Preview = NonNullable<Dataset['preview']>;
type Column = Preview['columns'][number];

const DEFAULT_ROWS = 5;
const MAX_ROWS = 200;
const MAX_CELL_WIDTH = 24;
/** Columns in the list, and in the rows: more cannot be read. */
const MAX_COLUMNS = 50;

/** `trainyard datasets preview` */
export function addPreview(datasets: Command, run: Run): void {
  datasets
    .command('preview')
    .description('print the columns of a dataset, as the trainer uses them, and its first rows')
    .argument('<name>', 'name of the dataset')
    .option('-n, --rows <n>', `number of rows (default: ${DEFAULT_ROWS})`, (text) =>
      readNumber('--rows', text, { whole: true, least: 1, most: MAX_ROWS }),
    )
    .option(
      '-o, --option <key=value>',
      'how to read the file, as in start: encoding=gb18030, header=false or header=3; may be repeated',
      (text, previous?: readonly string[]) => [...(previous ?? []), text],
    )
    .addHelpText(
      'after',
      examples(
        ['trainyard datasets preview houses.csv', 'columns, their kinds and values, and five rows'],
        ['trainyard datasets preview houses.csv -o encoding=gb18030', 'a file that is not UTF-8'],
      ),
    )
    .action(run(preview));
}

const preview: Action<PreviewFlags, [name: string]> = async (context, flags, name) => {
  const { screen } = context;
  const options = flags.option === undefined ? null : Object.fromEntries(flags.option.map(readOption));
  const variables = { name, rows: flags.rows ?? DEFAULT_ROWS, options };
  const { dataset } = await apiFor(flags, context).request(PREVIEW_DATASET, variables);
  if (dataset === null) {
    throw new ApiError(
      `No dataset is named ${JSON.stringify(name)}.`,
      'DatasetNotFoundError',
    );
  }
  if (flags.json === true) screen.print(JSON.stringify(dataset, null, 2));
  else for (const line of linesOf(dataset, screen)) screen.print(line);
  return EXIT.SUCCESS;
};

function linesOf({ name, format, rows, bytes, problem, preview: read }: Dataset, screen: Screen): string[] {
  // Options can make a file readable that is not without them.
  const facts = [format, rows === null ? null : `${formatCount(rows)} rows`, formatBytes(bytes)];
  return [
    `${screen.style('bold', name)}  ${facts.filter((fact) => fact !== null).join(', ')}`,
    ...(problem === null || read !== null ? [] : [screen.style('yellow', problem)]),
    ...(read === null ? [] : ['', ...columnLines(read, screen), '', ...rowLines(read, screen)]),
  ];
}

function columnLines({ columns, columnCount, rowsRead, complete }: Preview, screen: Screen): string[] {
  const shown = columns.slice(0, MAX_COLUMNS);
  const more = columnCount - shown.length;
  const based = complete ? `all ${formatCount(rowsRead)} rows` : `the first ${formatCount(rowsRead)} rows`;
  return [
    ...alignColumns([
      ['COLUMN', 'KIND', 'VALUES', 'MISSING'].map((title) => screen.style('dim', title)),
      ...shown.map((column) => [
        shorten(column.name, MAX_CELL_WIDTH),
        column.kind === 'UNUSABLE' ? 'not used' : column.kind.toLowerCase(),
        column.note ?? valuesOf(column),
        column.gaps === 0 ? '' : formatCount(column.gaps),
      ]),
    ]),
    screen.style('dim', `Based on ${based}.${more > 0 ? ` ${formatCount(more)} more columns are not shown.` : ''}`),
  ];
}

function valuesOf({ minimum, maximum, distinct }: Column): string {
  if (minimum !== null && maximum !== null) return `${boundText(minimum)} to ${boundText(maximum)}`;
  return distinct === null ? '' : `${formatCount(distinct)} values`;
}

/** Whole numbers keep all digits: they may be years or codes. */
function boundText(value: number): string {
  return Number.isInteger(value) && Math.abs(value) < 1e9 ? String(value) : formatMetric(value);
}

function rowLines({ columns, rows }: Preview, screen: Screen): string[] {
  const cell = (text: string | null) => (text === null ? screen.style('dim', '-') : shorten(text, MAX_CELL_WIDTH));
  const shown = columns.slice(0, MAX_COLUMNS);
  return alignColumns(
    [
      shown.map(({ name }) => screen.style('dim', shorten(name, MAX_CELL_WIDTH))),
      ...rows.map((row) => row.slice(0, MAX_COLUMNS).map(cell)),
    ],
    shown.map(({ kind }) => (kind === 'NUMBER' ? 'RIGHT' : 'LEFT')),
  );
}
