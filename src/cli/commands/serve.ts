import { addSettingFlags, withSettings } from '../flags/server-settings.ts';
import { type AddCommand, examples } from './command.ts';

/**
 * Starts a server with the settings of `process.env`. It takes over this process, with its signals and its exit code. The command does
 * not import the server: the entry point passes this function in.
 */
export type StartServer = () => Promise<unknown>;

/** `trainyard serve` */
export const addServe =
  (startServer: StartServer): AddCommand =>
  (program) => {
    addSettingFlags(program.command('serve').description('start the server; jobs continue to run when it ends'))
      .addHelpText(
        'after',
        [
          examples(
            ['trainyard serve', 'listen on http://127.0.0.1:4000, with files in this folder'],
            ['trainyard serve --port 0 --home ~/lab', 'listen on a free port, with files in ~/lab'],
            ['trainyard serve --max-running 1', 'run one training at a time'],
          ),
          '',
          'Each flag sets an environment variable, for example TRAINYARD_PORT. Ctrl-C ends the server and leaves jobs running.',
          'Exit codes: 0 when a signal ended it, 1 when it cannot start, 2 for an invalid setting.',
        ].join('\n'),
      )
      .action(async (flags: Readonly<Record<string, unknown>>) => {
        Object.assign(process.env, withSettings(flags, process.env));
        await startServer();
      });
  };
