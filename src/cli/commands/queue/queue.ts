import { shortId } from '../../api/job-reference.ts';
import { READ_QUEUE } from '../../api/operations/queue.ts';
import { commandName } from '../../command-name.ts';
import { EXIT } from '../../exit-code.ts';
import { readNumber } from '../../flags/values.ts';
import type { QueueStateFragment, QueueRowFragment } from '../../graphql/graphql.ts';
import type { Screen } from '../../terminal/screen.ts';
import { shorten, wrapLastColumn } from '../../terminal/table.ts';
import { type Action, type AddCommand, examples } from '../command.ts';
import { apiFor, type CommonFlags } from '../context.ts';
import { addLimit } from './limit.ts';
import { addMove } from './move.ts';

interface QueueFlags extends CommonFlags {
  readonly group?: string;
  readonly limit?: number;
}

/** Columns below which ids and names are shortened. */
const NARROW = 110;
const MAX_NAME_WIDTH = 24;
const DEFAULT_LIMIT = 50;
/** The maximum page size of the API. */
const MAX_LIMIT = 200;

/** `trainyard queue` and its subcommands */
export const addQueue: AddCommand = (program, run) => {
  const queue = program
    .command('queue')
    .description('list the waiting jobs in order with the reason why each waits, move them, and limit groups')
    .option('-g, --group <name>', 'only the jobs of this group')
    .option('-n, --limit <n>', `maximum number of jobs, up to ${MAX_LIMIT} (default: ${DEFAULT_LIMIT})`, (text) =>
      readNumber('--limit', text, { whole: true, least: 1, most: MAX_LIMIT }),
    )
    .addHelpText(
      'after',
      examples(
        ['trainyard queue', 'what waits, and why'],
        ['trainyard queue move @last --before 3f7c2d2a', 'the newest job starts earlier'],
        ['trainyard queue limit night 2', 'at most two jobs of a group at once'],
      ),
    )
    .action(run(list));
  addMove(queue, run);
  addLimit(queue, run);
};

const list: Action<QueueFlags> = async (context, flags) => {
  const { screen } = context;
  const variables = { first: flags.limit ?? DEFAULT_LIMIT, group: flags.group ?? null };
  const { queue, jobs } = await apiFor(flags, context).request(READ_QUEUE, variables);
  // A job that is about to be launched has left the queue.
  const rows = jobs.edges.map(({ node }) => node).filter(({ queuePosition }) => queuePosition !== null);
  if (flags.json === true) {
    screen.print(JSON.stringify({ ...queue, jobs: rows }, null, 2));
    return EXIT.SUCCESS;
  }
  for (const line of overviewOf(queue)) screen.paragraph(line);
  for (const line of tableOf(rows, screen)) screen.print(line);
  if (rows.length < jobs.totalCount) {
    screen.print(screen.style('dim', `${rows.length} of ${jobs.totalCount} waiting jobs. Use --limit to list more.`));
  }
  return EXIT.SUCCESS;
};

/** One line about the queue, and one about each group. */
function overviewOf({ isPaused, waiting, running, slots, groups }: QueueStateFragment): string[] {
  const command = commandName(process.env);
  const state = isPaused ? ` The queue is paused: \`${command} unpause\` resumes it.` : '';
  const used = slots === null ? `${running} on the cluster or in its queue` : `${running} of ${slots} slots in use`;
  return [
    `${waiting} waiting, ${used}.${state}`,
    ...groups.map((group) => {
      const limit = group.limit === null ? '' : `, limit ${group.limit}`;
      const paused = group.isPaused ? ', paused' : '';
      return `Group ${group.name}: ${group.waiting} waiting, ${group.running} running${limit}${paused}`;
    }),
  ];
}

function tableOf(rows: readonly QueueRowFragment[], screen: Screen): string[] {
  if (rows.length === 0) return [];
  const isNarrow = screen.interactive && screen.columns < NARROW;
  return wrapLastColumn(
    [
      ['#', 'JOB', 'NAME', 'PRIORITY', 'GROUP', 'WAITS BECAUSE'].map((title) => screen.style('dim', title)),
      ...rows.map(({ id, name, priority, group, queuePosition, waitingFor }) => [
        String(queuePosition ?? ''),
        screen.style('bold', isNarrow ? shortId(id) : id),
        shorten(name ?? '-', isNarrow ? 12 : MAX_NAME_WIDTH),
        String(priority),
        group ?? '-',
        waitingFor ?? 'It is about to start.',
      ]),
    ],
    screen,
    ['RIGHT', 'LEFT', 'LEFT', 'RIGHT', 'LEFT', 'LEFT'],
  );
}
