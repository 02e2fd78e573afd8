import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { runProcess } from '../run-process.ts';
import type { PythonPaths } from './paths.ts';

/** Current activity of pip. */
export interface PipActivity {
  /** For example `Downloading torch-2.13.0 (520 MB)`. */
  readonly doing: string;
  /** Progress of the current download; null without a download, or with a pip that does not report it. */
  readonly bytes: { readonly done: number; readonly total: number } | null;
}

/** Result of an installation; `reason` explains a failure to the user. */
export type PipOutcome =
  { readonly installed: true } | { readonly installed: false; readonly unreachable: boolean; readonly reason: string };

export interface PipOptions {
  readonly environment: NodeJS.ProcessEnv;
  readonly onActivity: (activity: PipActivity) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Lines of pip to show to the user. Others ("Requirement already satisfied") go only to the log. */
const ACTIVITY = /^\s*(Collecting|Downloading|Using cached|Building wheels|Installing)\b/;

/**
 * Installs `requirements` into the environment at the pinned versions. The user's pip settings (mirrors, certificates,
 * caches) apply, since pip inherits the environment. The set-up log gets the complete output.
 */
export async function pipInstall(
  paths: PythonPaths,
  requirements: readonly string[],
  { environment, onActivity, signal }: PipOptions,
): Promise<PipOutcome> {
  const log = createWriteStream(paths.log, { flags: 'a' });
  // pip itself reports a full disk; a failing log must not crash the set-up.
  log.on('error', () => undefined);
  let doing = 'Looking for packages';
  // Only PyTorch needs a progress bar: everything else downloads within seconds.
  const isLarge = requirements.some((requirement) => requirement.includes('torch'));
  try {
    const progress = isLarge && (await ensureRawProgress(paths, environment, signal)) ? ['--progress-bar', 'raw'] : [];
    const args = ['-m', 'pip', 'install', ...progress, '-c', paths.constraints, ...requirements];
    const { code, lines } = await runProcess(paths.interpreter, args, {
      cwd: paths.root,
      environment: {
        ...environment,
        PYTHONUNBUFFERED: '1',
        PIP_NO_INPUT: '1',
        PIP_DISABLE_PIP_VERSION_CHECK: '1',
        // `user = true` in a pip.conf would make every installation into a virtual environment fail.
        PIP_USER: '0',
      },
      signal,
      onLine(line) {
        const bytes = /^Progress (\d+) of (\d+)$/.exec(line);
        if (bytes !== null) {
          onActivity({ doing, bytes: { done: Number(bytes[1]), total: Number(bytes[2]) } });
          return;
        }
        log.write(`${line}\n`);
        if (!ACTIVITY.test(line)) return;
        doing = shorten(line);
        onActivity({ doing, bytes: null });
      },
    });
    return code === 0 ? { installed: true } : { installed: false, ...explain(lines, paths) };
  } finally {
    log.end();
    if (!log.errored) await once(log, 'close');
  }
}

/**
 * Upgrades pip to a version with machine-readable download progress (24.1 or newer), so that large downloads have a progress bar. Most Pythons
 * include an older pip. Returns false when the upgrade fails; the old pip works as well, without the bar.
 */
async function ensureRawProgress(
  { interpreter }: PythonPaths,
  environment: NodeJS.ProcessEnv,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  if (await reportsRawProgress(interpreter, environment)) return true;
  const upgrade = ['-m', 'pip', 'install', '--quiet', '--retries', '1', '--upgrade', 'pip>=24.1'];
  const { code } = await runProcess(interpreter, upgrade, { environment: { ...environment, PIP_USER: '0' }, signal });
  return code === 0 && (await reportsRawProgress(interpreter, environment));
}

async function reportsRawProgress(python: string, environment: NodeJS.ProcessEnv): Promise<boolean> {
  const { lines } = await runProcess(python, ['-c', 'import pip; print(pip.__version__)'], { environment });
  const [major = 0, minor = 0] = (lines[0] ?? '').split('.').map(Number);
  return major > 24 || (major === 24 && minor >= 1);
}

/** Removes the download address, the requiring package and build details from a line of pip. */
function shorten(line: string): string {
  if (/^\s*Installing collected/.test(line)) return 'Installing the downloaded packages';
  return line
    .trim()
    .replace(/ \(from [^()]*\)$/, '')
    .replace(/(\S+:\/\/\S+\/)?(\S+?)-(cp|py)\d\S*\.whl(\.metadata)?/, '$2')
    .replace(/: (started|finished with status .*)$/, '');
}

const UNREACHABLE =
  /NewConnectionError|ConnectTimeout|ReadTimeout|Name or service not known|name resolution|nodename nor servname|Network is unreachable|Connection (refused|broken)|ProxyError|SSLError/i;

function explain(lines: readonly string[], paths: PythonPaths): { unreachable: boolean; reason: string } {
  const output = lines.join('\n');
  const details = `The complete output of pip is in ${paths.log}.`;
  if (/No space left on device|Errno 28|Disk quota exceeded/.test(output)) {
    const problem = 'The disk is full. Free some space (PyTorch with its GPU libraries needs about 6 GB)';
    return { unreachable: false, reason: `${problem} and run "${paths.command}" again. ${details}` };
  }
  if (UNREACHABLE.test(output)) {
    const problem =
      "The package index cannot be reached. Check the network, or pip's index, proxy and certificate settings";
    return {
      unreachable: true,
      reason: `${problem} ("pip config list"), and run "${paths.command}" again. ${details}`,
    };
  }
  const missing = /No matching distribution found for ([^\s(;]+)/.exec(output)?.[1];
  if (missing !== undefined) {
    const problem = `The package index has no build of ${missing} for this Python on this machine.`;
    const remedy = 'Install a supported Python (3.10 to 3.14), or set TRAINYARD_PYTHON to one with PyTorch.';
    return { unreachable: false, reason: `${problem} ${remedy} ${details}` };
  }
  const error = lines.findLast((line) => line.startsWith('ERROR:')) ?? lines.at(-1) ?? 'pip failed without output.';
  return { unreachable: false, reason: `${error.replace(/^ERROR:\s*/, '')} ${details}` };
}
