import { ApiError } from '../api/errors.ts';
import { findJobId, JOB_REFERENCE } from '../api/job-reference.ts';
import { FOLLOW_LOG, READ_LOG } from '../api/operations.ts';
import { EXIT } from '../exit-code.ts';
import { readNumber } from '../flags/values.ts';
import type { FollowLogSubscription } from '../graphql/graphql.ts';
import type { Screen } from '../terminal/screen.ts';
import { type Action, type AddCommand, examples } from './command.ts';
import { apiFor, type CommonFlags } from './context.ts';

interface LogsFlags extends CommonFlags {
  readonly follow?: boolean;
  readonly lines?: number;
  readonly timestamps?: boolean;
}

type Line = FollowLogSubscription['jobLog']['lines'][number];

const MOST_LINES = 10_000;

/** `trainyard logs` */
export const addLogs: AddCommand = (program, run) => {
  program
    .command('logs')
    .description('show what a job printed')
    .argument('<job>', JOB_REFERENCE)
    .option('-f, --follow', 'go on to the last line that it prints; Ctrl-C leaves it running')
    .option('-n, --lines <n>', `the newest so many lines, 1 to ${MOST_LINES} (default: 200)`, (text) =>
      readNumber('--lines', text, { whole: true, least: 1, most: MOST_LINES }),
    )
    .option('-t, --timestamps', 'when each line was printed')
    .addHelpText(
      'after',
      examples(
        ['trainyard logs @last -n 20', 'the last 20 lines'],
        ['trainyard logs @last -f | grep loss', 'to the end'],
      ),
    )
    .action(run(logs));
};

const logs: Action<LogsFlags, [reference: string]> = async (context, flags, reference) => {
  const { screen } = context;
  const api = apiFor(flags, context, (state) =>
    // Not among the lines, which may be read by a program.
    console.error(screen.style('yellow', state === 'LOST' ? 'Connection lost, trying again.' : 'Connected again.')),
  );
  const id = await findJobId(api, reference);
  const last = flags.lines ?? null;
  // Asked for first, also before the live feed: it tells at once when there is no such job, or no server.
  const { job } = await api.ask(READ_LOG, { id, last: flags.follow === true ? 1 : last });
  if (job === null) throw new ApiError(`The server does not know job ${id}.`, 'JobNotFoundError');
  if (flags.follow === true) {
    for await (const { jobLog } of api.follow(FOLLOW_LOG, { id, last })) {
      if (jobLog.gap) console.error(screen.style('yellow', 'Some lines are gone: they were rotated away.'));
      for (const line of jobLog.lines) show(line, flags, screen);
    }
    return EXIT.FINE;
  }
  for (const line of job.log.lines) show(line, flags, screen);
  return EXIT.FINE;
};

function show(line: Line, { json, timestamps }: LogsFlags, screen: Screen): void {
  if (json === true) {
    screen.print(JSON.stringify(line));
    return;
  }
  const text = line.stream === 'STDERR' ? screen.style('yellow', line.text) : line.text;
  screen.print(timestamps === true ? `${screen.style('dim', line.at)} ${text}` : text);
}
