import type { Command } from 'commander';
import { DELETE_DATASET } from '../../api/operations/datasets.ts';
import { unwrapResult } from '../../api/unwrap-result.ts';
import { EXIT } from '../../exit-code.ts';
import { confirm } from '../../terminal/confirm.ts';
import { type Action, examples, type Run } from '../command.ts';
import { apiFor, type CommonFlags } from '../context.ts';

interface DeleteFlags extends CommonFlags {
  readonly yes?: boolean;
}

/** `trainyard datasets delete` */
export function addDeleteDataset(datasets: Command, run: Run): void {
  datasets
    .command('delete')
    .alias('rm')
    .description('delete datasets from the server; refused while a job uses them')
    .argument('<name...>', 'names of the datasets')
    .option('-y, --yes', 'do not ask for confirmation')
    .addHelpText(
      'after',
      examples(
        ['trainyard datasets delete houses.csv', 'asks for confirmation'],
        ['trainyard datasets delete old.csv older.csv --yes', 'two tables, without a question'],
      ),
    )
    .action(run(remove));
}

const remove: Action<DeleteFlags, [names: readonly string[]]> = async (context, flags, names) => {
  const { screen } = context;
  const what = names.length === 1 ? (names[0] ?? '') : `${names.length} datasets`;
  if (flags.yes !== true && !(await confirm(`Delete ${what} from the server? This cannot be undone.`, context))) {
    screen.print('No datasets were deleted.');
    return EXIT.FAILED;
  }
  const api = apiFor(flags, context);
  for (const name of names) {
    unwrapResult((await api.request(DELETE_DATASET, { name })).deleteDataset);
    screen.print(flags.json === true ? JSON.stringify({ deleted: name }) : `Deleted ${name}.`);
  }
  return EXIT.SUCCESS;
};
