import { runProcess } from '../run-process.ts';

/** A Python interpreter with its version. */
export interface Interpreter {
  /** The command that was run: a name on the PATH, or a path. */
  readonly command: string;
  /** `sys.executable`. */
  readonly path: string;
  /** For example `3.12.1`. */
  readonly version: string;
  readonly major: number;
  readonly minor: number;
}

/** There is no usable Python. The message says what to do. */
export class NoPythonError extends Error {
  override readonly name = 'NoPythonError';
}

const MIN_MINOR = 10;
/** The newest Python with builds of the pinned PyTorch. A newer one is used only when there is no other. */
const MAX_MINOR_WITH_TORCH = 14;

const CANDIDATES = [
  'python3',
  ...Array.from({ length: MAX_MINOR_WITH_TORCH - MIN_MINOR + 1 }, (_, i) => `python3.${MAX_MINOR_WITH_TORCH - i}`),
  'python',
];

const PROBE = 'import sys; print(*sys.version_info[:3]); print(sys.executable)';

/** Runs `command` to read its version; null when it cannot be run or is not a Python. */
export async function probeInterpreter(
  command: string,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<Interpreter | null> {
  try {
    const { code, lines } = await runProcess(command, ['-c', PROBE], {
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

/** Whether Trainyard supports the interpreter (3.10 or newer). */
export function isSupported(interpreter: Interpreter): boolean {
  return interpreter.major === 3 && interpreter.minor >= MIN_MINOR;
}

/**
 * Finds the first usable Python on the PATH. Prefers one with builds of PyTorch.
 * @throws NoPythonError
 */
export async function findInterpreter(environment: NodeJS.ProcessEnv = process.env): Promise<Interpreter> {
  const tooOld = new Map<string, string>();
  let tooNew: Interpreter | null = null;
  for (const command of CANDIDATES) {
    const interpreter = await probeInterpreter(command, environment);
    if (interpreter === null) continue;
    if (!isSupported(interpreter)) tooOld.set(interpreter.path, `${command} is ${interpreter.version}`);
    else if (interpreter.minor <= MAX_MINOR_WITH_TORCH) return interpreter;
    else tooNew ??= interpreter;
  }
  if (tooNew !== null) return tooNew;
  const found = tooOld.size === 0 ? '' : ` (${[...tooOld.values()].join(', ')}, which is too old)`;
  throw new NoPythonError(
    `Training needs Python 3.${MIN_MINOR} or newer, but there is none on the PATH${found}. ` +
      'Install one (Debian, Ubuntu: "sudo apt-get install python3 python3-venv"; macOS: "brew install python"), ' +
      'or set TRAINYARD_PYTHON to the path of one. Then run this command again.',
  );
}
