import tab from '@bomb.sh/tab/commander';
import type { Command } from 'commander';
import { createApi } from '../api/create-api.ts';
import { FIND_IDS } from '../api/operations/jobs.ts';
import { serverUrl } from '../commands/context.ts';
import { BASH_COMPLETION } from './bash.ts';

const MAX_JOBS = 50;
/** Values of flags, by flag name. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  backend: ['auto', 'torch', 'simulation'],
  'log-level': ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'],
  role: ['viewer', 'operator', 'admin'],
  'order-by': ['created', 'ended', 'name', 'progress', 'score', 'metric:'],
  status: ['queued', 'starting', 'loading', 'running', 'stopping', 'completed', 'stopped', 'error'],
};
/** The start of the completion script for zsh, which may be sourced before the completion system of the user's shell is loaded. */
const ZSH_START = `#compdef trainyard
(( $+functions[compdef] )) || { autoload -Uz compinit && compinit; }
`;
/** A suggestion that takes longer disturbs more than it helps. */
const JOBS_TIMEOUT_MS = 700;

/**
 * Adds `trainyard complete SHELL`, which prints the completion script for a shell. The script calls `complete -- ...`, which also suggests the
 * newest jobs when a server responds quickly.
 */
export async function addCompletion(
  program: Command,
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<void> {
  const isRequest = args[0] === 'complete' && args[1] === '--';
  const jobs = isRequest ? await newestJobs(environment) : [];
  const completion = tab(program);
  const command = program.commands.find((each) => each.name() === 'complete');
  command?.description('print the completion script for a shell');
  if (args[1] === 'bash') command?.action(() => void process.stdout.write(BASH_COMPLETION));
  if (args[1] === 'zsh') command?.hook('preAction', () => void process.stdout.write(ZSH_START));
  for (const each of completion.commands.values()) {
    for (const [name, values] of Object.entries(VALUES)) {
      const option = each.options.get(name);
      if (option === undefined) continue;
      option.handler = (complete) => {
        for (const value of values) complete(value, '');
      };
    }
    const job = each.arguments.get('job');
    if (job === undefined) continue;
    job.handler = (complete) => {
      complete('@last', 'the newest job');
      for (const { id, status, name } of jobs) complete(id, [status, name].filter(Boolean).join(' '));
    };
  }
}

async function newestJobs(environment: NodeJS.ProcessEnv) {
  try {
    const api = createApi({
      url: serverUrl({}, environment),
      token: environment['TRAINYARD_TOKEN'] || null,
      signal: AbortSignal.timeout(JOBS_TIMEOUT_MS),
    });
    const { jobs } = await api.request(FIND_IDS, { first: MAX_JOBS });
    return jobs.edges.map(({ node }) => node);
  } catch {
    return [];
  }
}
