import tab from '@bomb.sh/tab/commander';
import type { Command } from 'commander';
import { createApi } from './api/create-api.ts';
import { FIND_IDS } from './api/operations.ts';
import { serverUrl } from './commands/context.ts';

const OFFERED_JOBS = 50;
/** What flags take, by their names. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  backend: ['auto', 'torch', 'simulation'],
  'log-level': ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'],
  'order-by': ['created', 'ended', 'name', 'progress', 'metric:'],
  status: ['queued', 'starting', 'loading', 'running', 'stopping', 'completed', 'stopped', 'error'],
};
/** Nobody waits for a suggestion. */
const PATIENCE_MS = 700;

/**
 * Adds `trainyard complete SHELL`, which prints the completion for a shell. What a shell asks for meanwhile (`complete -- ...`) also has the
 * newest jobs, when a server answers at once.
 */
export async function addCompletion(
  program: Command,
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<void> {
  const asked = args[0] === 'complete' && args[1] === '--';
  const jobs = asked ? await newestJobs(environment) : [];
  const completion = tab(program);
  program.commands.find((command) => command.name() === 'complete')?.description('print the completion for a shell');
  for (const command of completion.commands.values()) {
    for (const [name, values] of Object.entries(VALUES)) {
      const option = command.options.get(name);
      if (option === undefined) continue;
      option.handler = (complete) => {
        for (const value of values) complete(value, '');
      };
    }
    const job = command.arguments.get('job');
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
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const { jobs } = await api.ask(FIND_IDS, { first: OFFERED_JOBS });
    return jobs.edges.map(({ node }) => node);
  } catch {
    return [];
  }
}
