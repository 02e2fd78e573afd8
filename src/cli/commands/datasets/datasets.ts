import { LIST_DATASETS } from '../../api/operations/datasets.ts';
import { EXIT } from '../../exit-code.ts';
import type { ListDatasetsQuery } from '../../graphql/graphql.ts';
import { formatBytes, formatCount } from '../../terminal/format.ts';
import type { Screen } from '../../terminal/screen.ts';
import { wrapLastColumn } from '../../terminal/table.ts';
import { type Action, type AddCommand, examples } from '../command.ts';
import { apiFor, type CommonFlags } from '../context.ts';
import { addDeleteDataset } from './delete-dataset.ts';
import { addPreview } from './preview.ts';
import { addUpload } from './upload.ts';

type Dataset = ListDatasetsQuery['datasets'][number];

/** `trainyard datasets` and its subcommands */
export const addDatasets: AddCommand = (program, run) => {
  const datasets = program
    .command('datasets')
    .description("list, preview, upload and delete the tables in the server's datasets folder")
    .addHelpText(
      'after',
      examples(
        ['trainyard datasets', 'list all datasets'],
        ['trainyard datasets preview houses.csv', 'its columns and first rows'],
        ['trainyard datasets upload ~/houses.csv', 'add a table'],
        ['trainyard datasets delete houses.csv', 'delete it from the server'],
      ),
    )
    .action(run(list));
  datasets
    .command('list')
    .description('list all datasets')
    .addHelpText('after', examples(['trainyard datasets list --json', 'names, formats, rows and sizes, for scripts']))
    .action(run(list));
  addPreview(datasets, run);
  addUpload(datasets, run);
  addDeleteDataset(datasets, run);
};

const list: Action<CommonFlags> = async (context, flags) => {
  const { screen } = context;
  const { datasets } = await apiFor(flags, context).request(LIST_DATASETS, {});
  if (flags.json === true) screen.print(JSON.stringify(datasets, null, 2));
  else if (datasets.length === 0) screen.print('There are no datasets. `trainyard datasets upload` adds one.');
  else for (const line of tableOf(datasets, screen)) screen.print(line);
  return EXIT.SUCCESS;
};

function tableOf(datasets: readonly Dataset[], screen: Screen): string[] {
  return wrapLastColumn(
    [
      ['NAME', 'FORMAT', 'ROWS', 'COLUMNS', 'SIZE', 'PROBLEM'].map((title) => screen.style('dim', title)),
      ...datasets.map(({ name, format, rows, columnCount, bytes, problem }) => [
        screen.style('bold', name),
        format ?? '-',
        rows === null ? '-' : formatCount(rows),
        columnCount === null ? '-' : formatCount(columnCount),
        formatBytes(bytes),
        problem === null ? '' : screen.style('yellow', problem),
      ]),
    ],
    screen,
    ['LEFT', 'LEFT', 'RIGHT', 'RIGHT', 'RIGHT', 'LEFT'],
  );
}
