import { runSetUp } from '../environment/run-set-up.ts';
import { type Action, type AddCommand, examples } from './command.ts';

/** `trainyard setup` */
export const addSetup: AddCommand = (program, run) => {
  program
    .command('setup')
    .description('make or repair the Python environment that trainings run in, with PyTorch')
    .addHelpText(
      'after',
      [
        examples(['trainyard setup', 'once in each home folder; it goes on where it was interrupted']),
        '',
        'TRAINYARD_HOME names the home folder (default: the current one). TRAINYARD_PYTHON=/path/to/python uses an environment',
        'of your own as it is; nothing is installed into it.',
      ].join('\n'),
    )
    .action(run(setup));
};

const setup: Action<object> = (context) => runSetUp(['torch'], context);
