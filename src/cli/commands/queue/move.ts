import { findJobId, JOB_REFERENCE } from '../../api/job-reference.ts';
import { MOVE_JOB } from '../../api/operations/queue.ts';
import { unwrapResult } from '../../api/unwrap-result.ts';
import { EXIT } from '../../exit-code.ts';
import { UsageError } from '../../usage-error.ts';
import { type Action, type AddCommand, examples } from '../command.ts';
import { apiFor, type CommonFlags } from '../context.ts';

interface MoveFlags extends CommonFlags {
  readonly before?: string;
  readonly after?: string;
}

/** `trainyard queue move` */
export const addMove: AddCommand = (queue, run) => {
  queue
    .command('move')
    .description('move a waiting job right before or after another one, with the priority of that one')
    .argument('<job>', JOB_REFERENCE)
    .option('--before <job>', 'the waiting job to move it in front of')
    .option('--after <job>', 'the waiting job to move it behind')
    .addHelpText('after', examples(['trainyard queue move @last --before 3f7c2d2a', 'the newest job starts earlier']))
    .action(run(move));
};

const move: Action<MoveFlags, [reference: string]> = async (context, flags, reference) => {
  const { before, after } = flags;
  if ((before === undefined) === (after === undefined)) throw new UsageError('Give either --before or --after.');
  const api = apiFor(flags, context);
  const [id, target] = await Promise.all([reference, before ?? after ?? ''].map((job) => findJobId(api, job)));
  const input = { id: id ?? '', ...(before === undefined ? { after: target } : { before: target }) };
  const { job } = unwrapResult((await api.request(MOVE_JOB, { input })).moveJob);
  if (flags.json === true) context.screen.print(JSON.stringify(job));
  else context.screen.print(`${job.id} is now at position ${job.queuePosition ?? '-'} of the queue.`);
  return EXIT.SUCCESS;
};
