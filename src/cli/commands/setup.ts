import { runSetUp } from '../environment/run-set-up.ts';
import { type Action, type AddCommand, examples } from './command.ts';

/** `trainyard setup` */
export const addSetup: AddCommand = (program, run) => {
  program
    .command('setup')
    .description('create or repair the Python environment for trainings, with PyTorch')
    .addHelpText(
      'after',
      [
        examples(['trainyard setup', 'run it once in each home folder; it resumes after an interruption']),
        '',
        'TRAINYARD_HOME names the home folder (default: the current folder). TRAINYARD_PYTHON=/path/to/python uses your own',
        'environment unchanged: nothing is installed into it.',
      ].join('\n'),
    )
    .action(run(setup));
};

const setup: Action<object> = (context) => runSetUp(['torch'], context);
