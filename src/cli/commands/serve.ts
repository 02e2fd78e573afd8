import { addSettingFlags, withSettings } from '../flags/server-settings.ts';
import { type AddCommand, examples } from './command.ts';

/**
 * Starts a server with the settings of `process.env`. It takes this process over, with its signals and its exit code. The command does
 * not import the server: the entry point passes this function in.
 */
export type StartServer = () => Promise<unknown>;

/** `trainyard serve` */
export const addServe =
  (startServer: StartServer): AddCommand =>
  (program) => {
    addSettingFlags(program.command('serve').description('start the server; jobs go on when it ends'))
      .addHelpText(
        'after',
        [
          examples(
            ['trainyard serve', 'at http://127.0.0.1:4000, its files in this folder'],
            ['trainyard serve --port 0 --home ~/lab', 'at a free port, its files in ~/lab'],
            ['trainyard serve --max-running 1', 'one training at a time'],
          ),
          '',
          'Each flag stands for an environment variable, TRAINYARD_PORT for example. Ctrl-C ends the server and leaves jobs running.',
          'It ends with 0 when it was ended, 1 when it cannot start, 2 for a wrong setting.',
        ].join('\n'),
      )
      .action(async (flags: Readonly<Record<string, unknown>>) => {
        Object.assign(process.env, withSettings(flags, process.env));
        await startServer();
      });
  };
