import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { runProcess } from '../run-process.ts';
import { isSupported, probeInterpreter } from '../environment/find-interpreter.ts';
import { type Inspection, inspectInterpreter } from '../environment/inspect.ts';
import type { PythonPaths } from '../environment/paths.ts';
import { variablesFor } from '../environment/python-environment.ts';
import { type Finding, note, ok, wrong } from './check.ts';

/**
 * Checks the Python that a server with these settings would use: whether it exists and is new enough, has PyTorch, and
 * sees GPUs.
 */
export async function checkPython(
  paths: PythonPaths,
  home: string,
  environment: NodeJS.ProcessEnv,
): Promise<Finding[]> {
  const setting = environment['TRAINYARD_PYTHON'] || null;
  const created = [join(home, '.trainyard', 'venv', 'bin', 'python'), paths.interpreter];
  const python = setting ?? created.find((path) => existsSync(path)) ?? 'python3';
  const interpreter = await probeInterpreter(python, environment);
  if (interpreter === null) {
    return [
      setting === null
        ? wrong(
            'Python',
            `${python} is not on the PATH.`,
            'Install Python 3.10 or newer (Debian, Ubuntu: sudo apt-get install python3 python3-venv; macOS: brew install python).',
          )
        : wrong(
            'Python',
            `TRAINYARD_PYTHON is ${JSON.stringify(setting)}, which is not a working Python.`,
            `Correct it, or unset it and run \`${paths.command}\`.`,
          ),
    ];
  }
  if (!isSupported(interpreter)) {
    return [
      wrong(
        'Python',
        `${interpreter.version} (${interpreter.path}) is too old.`,
        'Install Python 3.10 or newer, or set TRAINYARD_PYTHON to one.',
      ),
    ];
  }
  const variables = variablesFor(interpreter.path, paths, environment);
  const inspection = await inspectInterpreter(interpreter.path, { environment: variables });
  const found = ok('Python', `${interpreter.version} (${interpreter.path})`);
  const torch = checkTorch(inspection, setting, paths);
  return [found, torch, await checkGpu(interpreter.path, torch.state === 'OK', variables)];
}

function checkTorch(inspection: Inspection | null, setting: string | null, paths: PythonPaths): Finding {
  if (inspection?.torch != null) return ok('PyTorch', inspection.torch);
  const problem =
    inspection?.torchProblem == null ? 'not installed' : `installed, but cannot be loaded (${inspection.torchProblem})`;
  const remedy =
    setting === null
      ? `Run \`${paths.command}\` to install it.`
      : `Run \`${setting} -m pip install torch numpy safetensors polars\`, or unset TRAINYARD_PYTHON and run \`${paths.command}\`.`;
  return note('PyTorch', `${problem}: trainings are simulations without a model.`, remedy);
}

const GPU_PROBE = `
import torch
if torch.cuda.is_available():
    print(*(torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())), sep=", ")
elif torch.backends.mps.is_available():
    print("Apple GPU")
`;

async function checkGpu(python: string, torch: boolean, environment: NodeJS.ProcessEnv): Promise<Finding> {
  const names = torch ? await lastLine(python, ['-c', GPU_PROBE], environment) : null;
  if (names !== null) return ok('GPU', names);
  const nvidia = await lastLine('nvidia-smi', ['--query-gpu=name', '--format=csv,noheader'], environment);
  if (nvidia === null) return ok('GPU', 'none; trainings use the CPU');
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
