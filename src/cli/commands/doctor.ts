import { resolve } from 'node:path';
import { socketPathOf } from '../api/transport.ts';
import { endpointOf } from '../doctor/endpoint.ts';
import { checkFolders } from '../doctor/folders.ts';
import { checkNode } from '../doctor/node.ts';
import { checkPort } from '../doctor/port.ts';
import { checkPython } from '../doctor/python.ts';
import { checkServer } from '../doctor/server.ts';
import { checkSettings } from '../doctor/settings.ts';
import { checkSocket } from '../doctor/socket.ts';
import type { Finding } from '../doctor/check.ts';
import { pythonPaths, REPOSITORY_ROOT } from '../environment/paths.ts';
import { EXIT } from '../exit-code.ts';
import { addSettingFlags, withSettings } from '../flags/server-settings.ts';
import { readNumber } from '../flags/values.ts';
import type { Screen, Style } from '../terminal/screen.ts';
import { type Action, type AddCommand, examples } from './command.ts';
import { apiFor, type CommonFlags } from './context.ts';

type DoctorFlags = CommonFlags & Readonly<Record<string, unknown>>;

const STYLES: Readonly<Record<Finding['state'], Style>> = { OK: 'green', NOTE: 'yellow', WRONG: 'red' };

/** `trainyard doctor` */
export const addDoctor: AddCommand = (program, run) => {
  addSettingFlags(
    program.command('doctor').description("check the server's requirements, and print how to fix problems"),
    [
      'TRAINYARD_HOME',
      'TRAINYARD_HOST',
      'TRAINYARD_PORT',
      'TRAINYARD_SOCKET',
      'TRAINYARD_TLS_CERT',
      'TRAINYARD_TLS_KEY',
      'TRAINYARD_PYTHON',
    ],
  )
    .addHelpText(
      'after',
      [
        examples(['trainyard doctor', 'run it in the folder where the server runs']),
        '',
        'The exit code is 0 when a server can start and train (or at least simulate), and 1 when there is a problem.',
      ].join('\n'),
    )
    .action(run(doctor));
};

const doctor: Action<DoctorFlags> = async (context, flags) => {
  const { screen } = context;
  const environment = withSettings(flags, context.environment);
  const home = resolve(environment['TRAINYARD_HOME'] || process.cwd());
  const host = environment['TRAINYARD_HOST'] || '127.0.0.1';
  const port = readNumber('TRAINYARD_PORT', environment['TRAINYARD_PORT'] || '4000', {
    whole: true,
    least: 0,
    most: 65_535,
  });
  const isExplicit = flags.url !== undefined || Boolean(environment['TRAINYARD_URL']);
  const endpoint = endpointOf(environment, host, port);
  const socket = socketPathOf(endpoint.url);
  const api = isExplicit
    ? apiFor(flags, context)
    : apiFor({ ...flags, url: endpoint.url }, context, undefined, endpoint.certificate);

  const findings: Finding[] = [];
  const report = (...found: readonly Finding[]) => {
    findings.push(...found);
    if (flags.json !== true) for (const finding of found) print(finding, screen);
  };
  report(checkNode());
  report(...(await checkSettings(environment)));
  report(...(await checkPython(pythonPaths(REPOSITORY_ROOT, home), home, environment)));
  report(...checkFolders(home));
  report(socket === null ? await checkPort(host, port, endpoint) : await checkSocket(socket, endpoint));
  report(await checkServer(api, isExplicit));

  const healthy = findings.every(({ state }) => state !== 'WRONG');
  if (flags.json === true) screen.print(JSON.stringify({ healthy, findings }, null, 2));
  return healthy ? EXIT.SUCCESS : EXIT.FAILED;
};

function print({ about, state, says, remedy }: Finding, screen: Screen): void {
  const marks = screen.unicode ? { OK: '✔', NOTE: '!', WRONG: '✘' } : { OK: 'ok', NOTE: '! ', WRONG: 'X ' };
  screen.print(`${screen.style(STYLES[state], marks[state])} ${screen.style('bold', about.padEnd(8))} ${says}`);
  if (remedy !== null) screen.print(`${' '.repeat(marks[state].length + 10)}${remedy}`);
}
