/**
 * Entry point of the `trainyard` command, started by `bin/trainyard.js`. The commands are clients of the API and import nothing from the
 * server. This file gives `trainyard serve` the server to start, loaded only then: no other command needs it.
 */
import { runCommandLine } from './cli/run-command-line.ts';

const exitCode = await runCommandLine(process.argv.slice(2), {
  startServer: async () => {
    await import('./main.ts');
    // The server ends the process.
    await new Promise(() => undefined);
  },
});
for (const stream of [process.stdout, process.stderr]) await new Promise((resolve) => stream.write('', resolve));
// Without this, a connection that died silently would keep the process alive until TCP gives up.
process.exit(exitCode);
