import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { runProcess } from '../run-process.ts';
import { isSupported, probeInterpreter } from '../environment/find-interpreter.ts';
import { type Inspection, inspectInterpreter } from '../environment/inspect.ts';
import type { PythonPaths } from '../environment/paths.ts';
import { variablesFor } from '../environment/python-environment.ts';
import { type Finding, note, ok, wrong } from './check.ts';

/**
 * Looks at the Python that a server with these settings would train with: whether it is there and new enough, has PyTorch, and
 * sees GPUs.
 */
export async function checkPython(
  paths: PythonPaths,
  home: string,
  environment: NodeJS.ProcessEnv,
): Promise<Finding[]> {
  const named = environment['TRAINYARD_PYTHON'] || null;
  const made = [join(home, '.trainyard', 'venv', 'bin', 'python'), paths.interpreter];
  const python = named ?? made.find((path) => existsSync(path)) ?? 'python3';
  const interpreter = await probeInterpreter(python, environment);
  if (interpreter === null) {
    return [
      named === null
        ? wrong(
            'Python',
            `There is no ${python} on the PATH.`,
            'Install Python 3.10 or newer (Debian, Ubuntu: sudo apt-get install python3 python3-venv; macOS: brew install python).',
          )
        : wrong(
            'Python',
            `TRAINYARD_PYTHON is ${JSON.stringify(named)}, which cannot be run as a Python.`,
            `Correct it, or unset it and run \`${paths.command}\`.`,
          ),
    ];
  }
  if (!isSupported(interpreter)) {
    return [
      wrong(
        'Python',
        `${interpreter.version} (${interpreter.path}) is too old.`,
        'Install Python 3.10 or newer, or name one with TRAINYARD_PYTHON.',
      ),
    ];
  }
  const variables = variablesFor(interpreter.path, paths, environment);
  const inspection = await inspectInterpreter(interpreter.path, { environment: variables });
  const found = ok('Python', `${interpreter.version} (${interpreter.path})`);
  const torch = checkTorch(inspection, named, paths);
  return [found, torch, await checkGpu(interpreter.path, torch.state === 'OK', variables)];
}

function checkTorch(inspection: Inspection | null, named: string | null, paths: PythonPaths): Finding {
  if (inspection?.torch != null) return ok('PyTorch', inspection.torch);
  const what =
    inspection?.torchProblem == null
      ? 'There is none'
      : `It is there, and cannot be loaded (${inspection.torchProblem})`;
  const remedy =
    named === null
      ? `\`${paths.command}\` installs it.`
      : `\`${named} -m pip install torch numpy safetensors\` installs it; or unset TRAINYARD_PYTHON and run \`${paths.command}\`.`;
  return note('PyTorch', `${what}: trainings are simulations, and no model is trained.`, remedy);
}

const GPU_QUESTION = `
import torch
if torch.cuda.is_available():
    print(*(torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())), sep=", ")
elif torch.backends.mps.is_available():
    print("Apple GPU")
`;

async function checkGpu(python: string, torch: boolean, environment: NodeJS.ProcessEnv): Promise<Finding> {
  const names = torch ? await lastLine(python, ['-c', GPU_QUESTION], environment) : null;
  if (names !== null) return ok('GPU', names);
  const nvidia = await lastLine('nvidia-smi', ['--query-gpu=name', '--format=csv,noheader'], environment);
  if (nvidia === null) return ok('GPU', 'none; trainings use the processor');
  return torch
    ? note('GPU', `PyTorch cannot use ${nvidia}.`, 'Install a PyTorch build for its CUDA version, or a newer driver.')
    : ok('GPU', nvidia);
}

/** The last line that a program prints; null when it cannot be run, fails or prints nothing. */
async function lastLine(
  command: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<string | null> {
  try {
    const { code, lines } = await runProcess(command, args, { environment, signal: AbortSignal.timeout(60_000) });
    return code === 0 ? lines.at(-1)?.trim() || null : null;
  } catch {
    return null;
  }
}
