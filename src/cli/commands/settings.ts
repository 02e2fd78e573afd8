import type { ResolvedSettings } from '../../client/job-settings.ts';
import { ApiError } from '../api/errors.ts';
import { findJobId, JOB_REFERENCE } from '../api/job-reference.ts';
import { READ_SETTINGS } from '../api/operations/jobs.ts';
import { EXIT } from '../exit-code.ts';
import { alignColumns } from '../terminal/table.ts';
import { type Action, type AddCommand, examples } from './command.ts';
import { apiFor, type CommonFlags } from './context.ts';

/** `trainyard settings` */
export const addSettings: AddCommand = (program, run) => {
  program
    .command('settings')
    .description('show all settings that a job uses, also the defaults and those that its trainer chose')
    .argument('<job>', JOB_REFERENCE)
    .addHelpText('after', examples(['trainyard settings @last', 'batch size, target, hidden layers and so on']))
    .action(run(settings));
};

const settings: Action<CommonFlags, [reference: string]> = async (context, flags, reference) => {
  const { screen } = context;
  const api = apiFor(flags, context);
  const id = await findJobId(api, reference);
  const { job } = await api.request(READ_SETTINGS, { id });
  if (job === null) throw new ApiError(`Job ${id} has been deleted.`, 'JobNotFoundError');
  const { trainer, dataset, options, settings: resolved, ...standard } = job;
  const given = options as ResolvedSettings['options'];
  if (flags.json === true) {
    screen.print(JSON.stringify({ id, trainer, dataset, given: { ...standard, options: given }, used: resolved }));
    return EXIT.SUCCESS;
  }
  const used = resolved as ResolvedSettings | null;
  const rows: [string, unknown, string][] = [
    ['trainer', trainer, ''],
    ['dataset', dataset, ''],
    ...(Object.keys(standard) as (keyof typeof standard)[]).map((name): [string, unknown, string] => [
      name,
      standard[name] ?? used?.[name],
      standard[name] === null ? 'chosen' : '',
    ]),
    ...Object.keys({ ...given, ...used?.options }).map((name): [string, unknown, string] => [
      name,
      given[name] ?? used?.options[name],
      name in given ? 'given' : 'default or chosen',
    ]),
  ];
  for (const row of alignColumns(rows.filter(([, value]) => value != null).map(cells))) screen.print(row);
  if (used === null) screen.print(screen.style('dim', 'The trainer has not reported its defaults and choices.'));
  return EXIT.SUCCESS;
};

function cells([name, value, source]: readonly [string, unknown, string]): string[] {
  return [name, typeof value === 'string' ? value : JSON.stringify(value), source];
}
