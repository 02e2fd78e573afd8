import { runProcess } from '../run-process.ts';

/** A Python that was asked about itself. */
export interface Interpreter {
  /** As it was called: a name on the PATH or a path. */
  readonly command: string;
  /** `sys.executable`. */
  readonly path: string;
  /** For example `3.12.1`. */
  readonly version: string;
  readonly major: number;
  readonly minor: number;
}

/** There is no Python that can be used; the message says what to do. */
export class NoPythonError extends Error {
  override readonly name = 'NoPythonError';
}

const OLDEST_MINOR = 10;
/** The newest Python that the pinned PyTorch is built for; a newer one is taken only when there is no other. */
const NEWEST_MINOR_WITH_TORCH = 14;

const CANDIDATES = [
  'python3',
  ...Array.from(
    { length: NEWEST_MINOR_WITH_TORCH - OLDEST_MINOR + 1 },
    (_, i) => `python3.${NEWEST_MINOR_WITH_TORCH - i}`,
  ),
  'python',
];

const QUESTION = 'import sys; print(*sys.version_info[:3]); print(sys.executable)';

/** Asks `command` for its version; null when it cannot be run or does not answer like a Python. */
export async function probeInterpreter(
  command: string,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<Interpreter | null> {
  try {
    const { code, lines } = await runProcess(command, ['-c', QUESTION], {
      environment,
      signal: AbortSignal.timeout(20_000),
    });
    const [major, minor, micro] = (lines[0] ?? '').split(' ').map(Number);
    if (code !== 0 || major === undefined || minor === undefined || micro === undefined) return null;
    return { command, path: lines[1] ?? command, version: `${major}.${minor}.${micro}`, major, minor };
  } catch {
    return null;
  }
}

/** Whether Trainyard's Python code runs on it (3.10 or newer). */
export function isSupported(interpreter: Interpreter): boolean {
  return interpreter.major === 3 && interpreter.minor >= OLDEST_MINOR;
}

/**
 * The first usable Python on the PATH, one that PyTorch is built for before any other.
 * @throws NoPythonError
 */
export async function findInterpreter(environment: NodeJS.ProcessEnv = process.env): Promise<Interpreter> {
  const tooOld = new Map<string, string>();
  let tooNew: Interpreter | null = null;
  for (const command of CANDIDATES) {
    const interpreter = await probeInterpreter(command, environment);
    if (interpreter === null) continue;
    if (!isSupported(interpreter)) tooOld.set(interpreter.path, `${command} is ${interpreter.version}`);
    else if (interpreter.minor <= NEWEST_MINOR_WITH_TORCH) return interpreter;
    else tooNew ??= interpreter;
  }
  if (tooNew !== null) return tooNew;
  const seen = tooOld.size === 0 ? '' : ` (${[...tooOld.values()].join(', ')}, which is too old)`;
  throw new NoPythonError(
    `Training needs Python 3.${OLDEST_MINOR} or newer, and there is none on the PATH${seen}. ` +
      'Install one (Debian, Ubuntu: "sudo apt-get install python3 python3-venv"; macOS: "brew install python"), ' +
      'or set TRAINYARD_PYTHON to the path of one, and run this again.',
  );
}
