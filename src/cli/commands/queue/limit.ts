import { SET_GROUP_LIMIT } from '../../api/operations/queue.ts';
import { unwrapResult } from '../../api/unwrap-result.ts';
import { EXIT } from '../../exit-code.ts';
import { readNumber } from '../../flags/values.ts';
import { type Action, type AddCommand, examples } from '../command.ts';
import { apiFor, type CommonFlags } from '../context.ts';

/** `trainyard queue limit` */
export const addLimit: AddCommand = (queue, run) => {
  queue
    .command('limit')
    .description('limit how many jobs of a group run at once')
    .argument('<group>', 'name of the group')
    .argument('<n>', 'maximum number of running jobs, or none to remove the limit')
    .addHelpText(
      'after',
      examples(
        ['trainyard queue limit night 2', 'at most two at once'],
        ['trainyard queue limit night none', 'no limit of its own'],
      ),
    )
    .action(run(setLimit));
};

const setLimit: Action<CommonFlags, [group: string, limit: string]> = async (context, flags, group, text) => {
  const limit = text === 'none' ? null : readNumber('The limit', text, { whole: true, least: 1 });
  const result = await apiFor(flags, context).request(SET_GROUP_LIMIT, { input: { group, limit } });
  const { queue } = unwrapResult(result.setGroupLimit);
  if (flags.json === true) context.screen.print(JSON.stringify(queue));
  else if (limit === null) context.screen.print(`The group ${group} has no limit of its own.`);
  else context.screen.print(`At most ${limit} jobs of the group ${group} run at once.`);
  return EXIT.SUCCESS;
};
