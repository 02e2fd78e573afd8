/**
 * Entry point of the `trainyard` command, started by `bin/trainyard.js`. The commands are clients of the API and import nothing from the
 * server. This file gives `trainyard serve` the server to start, loaded only then: no other command needs it.
 */
import { runCommandLine } from './cli/run-command-line.ts';

process.exitCode = await runCommandLine(process.argv.slice(2), { startServer: () => import('./main.ts') });
