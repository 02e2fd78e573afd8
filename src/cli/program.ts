import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { type AddCommand, examples, type Run } from './commands/command.ts';
import { addCompare } from './commands/compare.ts';
import { addDatasets } from './commands/datasets/datasets.ts';
import { addDelete } from './commands/delete.ts';
import { addDoctor } from './commands/doctor.ts';
import { addEvaluation } from './commands/evaluation.ts';
import { addExport } from './commands/export.ts';
import { addFiles } from './commands/files.ts';
import { addJobs } from './commands/jobs.ts';
import { addLogs } from './commands/logs.ts';
import { addPause, addUnpause } from './commands/queue/pause.ts';
import { addQueue } from './commands/queue/queue.ts';
import { addPredict } from './commands/predict.ts';
import { addMetrics } from './commands/metrics.ts';
import { addResume } from './commands/resume.ts';
import { addRun } from './commands/run.ts';
import { addServe, type StartServer } from './commands/serve.ts';
import { addSetup } from './commands/setup.ts';
import { addSettings } from './commands/settings.ts';
import { addStart } from './commands/start.ts';
import { addStop } from './commands/stop.ts';
import { addToken } from './commands/token.ts';
import { addTrainers } from './commands/trainers.ts';
import { addWatch } from './commands/watch.ts';
import { REPOSITORY_ROOT } from './environment/paths.ts';
import { EXIT_CODES_HELP } from './exit-code.ts';

/** In the order in which a new user needs them. */
const commandsWith = (startServer: StartServer): readonly AddCommand[] => [
  addDoctor,
  addSetup,
  addServe(startServer),
  addStart,
  addRun,
  addTrainers,
  addDatasets,
  addWatch,
  addJobs,
  addLogs,
  addMetrics,
  addEvaluation,
  addCompare,
  addFiles,
  addPredict,
  addExport,
  addSettings,
  addQueue,
  addPause,
  addUnpause,
  addStop,
  addResume,
  addDelete,
  addToken,
];

/**
 * Defines the `trainyard` command with all flags and help pages.
 * @param run wraps the actions of the commands
 * @param startServer what `trainyard serve` runs
 */
export function createProgram(run: Run, startServer: StartServer): Command {
  const program = new Command('trainyard')
    .description('Starts, stops and watches machine-learning training jobs through the API of a Trainyard server.')
    .version(readVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    // Otherwise an argument of a script, such as --json, would be one of `trainyard run`.
    .enablePositionalOptions()
    .configureHelp({ showGlobalOptions: true })
    .showSuggestionAfterError()
    .exitOverride()
    .addHelpText(
      'after',
      [
        examples(
          ['trainyard doctor', 'check the installation'],
          ['trainyard serve', 'start a server in one terminal'],
          ['trainyard start --watch', 'start and watch a training in another'],
          ['trainyard jobs', 'list the jobs'],
        ),
        '',
        'Refer to a job by its id, by a unique start or end of the id, or by @last, the newest job (@2 is the one before it). NO_COLOR=1 turns colours off.',
        '`trainyard complete bash` (zsh, fish) prints the completion script for your shell.',
        '',
        EXIT_CODES_HELP,
      ].join('\n'),
    );
  for (const option of globalOptions()) program.addOption(option);
  for (const add of commandsWith(startServer)) add(program, run);
  for (const command of program.commands) acceptGlobalOptions(command);
  return program;
}

/** The options of every command. */
function globalOptions(): Option[] {
  return [
    new Option('--url <address>', 'server address (default: TRAINYARD_URL, else http://127.0.0.1:4000)'),
    new Option('--token-file <file>', 'file with the access token (default: TRAINYARD_TOKEN)'),
    new Option('--json', 'print JSON; live commands print one object per line'),
  ];
}

/** Lets the global options follow the name of a command too. Its help shows them with those of the program. */
function acceptGlobalOptions(command: Command): void {
  for (const option of globalOptions()) command.addOption(option.hideHelp());
  for (const subcommand of command.commands) acceptGlobalOptions(subcommand);
}

function readVersion(): string {
  const { version } = JSON.parse(readFileSync(join(REPOSITORY_ROOT, 'package.json'), 'utf8')) as { version: string };
  return version;
}
