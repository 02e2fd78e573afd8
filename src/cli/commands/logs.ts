import { ApiError } from '../api/errors.ts';
import { findJobId, JOB_REFERENCE } from '../api/job-reference.ts';
import { FOLLOW_LOG, READ_LOG } from '../api/operations/job-files.ts';
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

const MAX_LINES = 10_000;

/** `trainyard logs` */
export const addLogs: AddCommand = (program, run) => {
  program
    .command('logs')
    .description('print the log of a job')
    .argument('<job>', JOB_REFERENCE)
    .option('-f, --follow', 'follow the log until the job ends; Ctrl-C leaves the job running')
    .option('-n, --lines <n>', `number of newest lines, 1 to ${MAX_LINES} (default: 200)`, (text) =>
      readNumber('--lines', text, { whole: true, least: 1, most: MAX_LINES }),
    )
    .option('-t, --timestamps', 'print the time of each line')
    .addHelpText(
      'after',
      examples(
        ['trainyard logs @last -n 20', 'the last 20 lines'],
        ['trainyard logs @last -f | grep loss', 'follow it until the job ends'],
      ),
    )
    .action(run(logs));
};

const logs: Action<LogsFlags, [reference: string]> = async (context, flags, reference) => {
  const { screen } = context;
  const api = apiFor(flags, context, (state) =>
    // On standard error, not among the lines, which another program may read.
    console.error(screen.style('yellow', state === 'LOST' ? 'Connection lost, reconnecting.' : 'Reconnected.')),
  );
  const id = await findJobId(api, reference);
  const last = flags.lines ?? null;
  // Requested first, also before the live feed: it fails at once when the job does not exist, or no server responds.
  const { job } = await api.request(READ_LOG, { id, last: flags.follow === true ? 1 : last });
  if (job === null) throw new ApiError(`Job ${id} does not exist.`, 'JobNotFoundError');
  if (flags.follow === true) {
    for await (const { jobLog } of api.subscribe(FOLLOW_LOG, { id, last })) {
      if (jobLog.gap) console.error(screen.style('yellow', 'Some lines are missing: the log was rotated.'));
      for (const line of jobLog.lines) show(line, flags, screen);
    }
    return EXIT.SUCCESS;
  }
  for (const line of job.log.lines) show(line, flags, screen);
  return EXIT.SUCCESS;
};

function show(line: Line, { json, timestamps }: LogsFlags, screen: Screen): void {
  if (json === true) {
    screen.print(JSON.stringify(line));
    return;
  }
  const text = line.stream === 'STDERR' ? screen.style('yellow', line.text) : line.text;
  screen.print(timestamps === true ? `${screen.style('dim', line.at)} ${text}` : text);
}
