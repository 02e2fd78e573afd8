#!/usr/bin/env node
/*
 * Starts the `trainyard` command with a Node that is new enough: this one, or else the one that the package brings for its
 * platform. It is plain JavaScript, since an old Node has to understand it.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const OLDEST_MAJOR = 24;
const program = join(dirname(dirname(fileURLToPath(import.meta.url))), 'dist', 'trainyard.js');

if (!existsSync(program)) fail('The package is not built. In a checkout `npm run build` does it.');
else if (Number(process.versions.node.split('.')[0]) >= OLDEST_MAJOR) await import('../dist/trainyard.js');
else {
  const node = bundledNode();
  if (node !== null) runWith(node);
  else {
    fail(
      `Trainyard needs Node ${OLDEST_MAJOR} or newer, this is ${process.versions.node}, and no newer one came with the package. ` +
        'Install one (https://nodejs.org), or let npm install optional dependencies.',
    );
  }
}

/** The Node of the optional dependency for this platform; null where there is none. */
function bundledNode() {
  try {
    const manifest = createRequire(import.meta.url).resolve(`node-${process.platform}-${process.arch}/package.json`);
    const node = join(dirname(manifest), 'bin', 'node');
    return existsSync(node) ? node : null;
  } catch {
    return null;
  }
}

/** Hands everything over: arguments, terminal, signals, exit code. */
function runWith(node) {
  const child = spawn(node, [program, ...process.argv.slice(2)], { stdio: 'inherit' });
  // A terminal sends Ctrl-C to both. From anywhere else the signal comes to this process alone, and has to be passed on.
  const terminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  process.on('SIGINT', () => terminal || child.kill('SIGINT'));
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGQUIT']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => fail(`${node} cannot be run: ${error.message}`));
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + constants.signals[signal];
  });
}

function fail(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exitCode = 1;
}
