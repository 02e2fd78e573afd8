#!/usr/bin/env node
/*
 * Starts the `trainyard` command with a Node that is new enough: the current one, or else the one that the package includes for the platform.
 * It is plain JavaScript, because old Node versions must be able to run it.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const MIN_MAJOR = 24;
const program = join(dirname(dirname(fileURLToPath(import.meta.url))), 'dist', 'trainyard.js');

if (!existsSync(program)) fail('The package is not built. In a checkout, run `npm run build`.');
else if (Number(process.versions.node.split('.')[0]) >= MIN_MAJOR) await import('../dist/trainyard.js');
else {
  const node = bundledNode();
  if (node !== null) runWith(node);
  else {
    fail(
      `Trainyard needs Node ${MIN_MAJOR} or newer, but this is ${process.versions.node}, and the package includes no Node for this platform. ` +
        'Install a newer one (https://nodejs.org), or let npm install optional dependencies.',
    );
  }
}

/** The Node of the optional dependency for this platform; null without one. */
function bundledNode() {
  try {
    const manifest = createRequire(import.meta.url).resolve(`node-${process.platform}-${process.arch}/package.json`);
    const node = join(dirname(manifest), 'bin', 'node');
    return existsSync(node) ? node : null;
  } catch {
    return null;
  }
}

/** Runs the command with another Node, and passes on arguments, terminal, signals and exit code. */
function runWith(node) {
  const child = spawn(node, [program, ...process.argv.slice(2)], { stdio: 'inherit' });
  // A terminal sends Ctrl-C to both processes. Other senders signal only this process, which forwards the signal.
  const terminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  process.on('SIGINT', () => terminal || child.kill('SIGINT'));
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGQUIT']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => fail(`Cannot run ${node}: ${error.message}`));
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + constants.signals[signal];
  });
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exitCode = 1;
}
