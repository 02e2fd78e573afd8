import { PAUSE_QUEUE, RESUME_QUEUE } from '../../api/operations/queue.ts';
import { unwrapResult } from '../../api/unwrap-result.ts';
import { EXIT } from '../../exit-code.ts';
import { type Action, type AddCommand, examples } from '../command.ts';
import { apiFor, type CommonFlags } from '../context.ts';

const GROUP = 'name of a group (default: the whole queue)';

/** `trainyard pause` */
export const addPause: AddCommand = (program, run) => {
  program
    .command('pause')
    .description('pause the queue or one group: no more jobs start, and running jobs continue')
    .argument('[group]', GROUP)
    .addHelpText(
      'after',
      examples(['trainyard pause', 'before maintenance'], ['trainyard pause night', 'only the jobs of a group']),
    )
    .action(run(pause));
};

/** `trainyard unpause`: `resume` continues the training of a job. */
export const addUnpause: AddCommand = (program, run) => {
  program
    .command('unpause')
    .description('start jobs again after `trainyard pause`')
    .argument('[group]', GROUP)
    .addHelpText('after', examples(['trainyard unpause', 'the whole queue'], ['trainyard unpause night', 'one group']))
    .action(run(unpause));
};

const pause: Action<CommonFlags, [group: string | undefined]> = async (context, flags, group) => {
  const result = await apiFor(flags, context).request(PAUSE_QUEUE, { group: group ?? null });
  const { queue } = unwrapResult(result.pauseQueue);
  if (flags.json === true) context.screen.print(JSON.stringify(queue));
  else context.screen.print(`${nameOf(group)} is paused. ${queue.running} running jobs continue.`);
  return EXIT.SUCCESS;
};

const unpause: Action<CommonFlags, [group: string | undefined]> = async (context, flags, group) => {
  const result = await apiFor(flags, context).request(RESUME_QUEUE, { group: group ?? null });
  const { queue } = unwrapResult(result.resumeQueue);
  if (flags.json === true) context.screen.print(JSON.stringify(queue));
  else if (group !== undefined && queue.isPaused)
    context.screen.print(`${nameOf(group)} is not paused, but the whole queue is: \`trainyard unpause\` resumes it.`);
  else context.screen.print(`${nameOf(group)} is no longer paused.`);
  return EXIT.SUCCESS;
};

function nameOf(group: string | undefined): string {
  return group === undefined ? 'The queue' : `The group ${group}`;
}
