import { runProcess } from '../run-process.ts';

/** The packages that an interpreter can import, and whether they are complete. */
export interface Inspection {
  /** Distributions with missing files: an installation was interrupted. */
  readonly broken: readonly string[];
  /** Version of PyTorch; null when it cannot be imported. */
  readonly torch: string | null;
  /** Why an installed PyTorch cannot be imported; null when it can, or is not installed. */
  readonly torchProblem: string | null;
  readonly pytest: boolean;
  /** Whether pytest can run tests in several processes, with pytest-xdist. */
  readonly xdist: boolean;
  readonly trainyard: boolean;
  /** One file of each of these packages, absolute. */
  readonly witnesses: readonly string[];
}

/**
 * pip writes RECORD after all other files of a distribution. Without RECORD, or with a listed file missing, the installation was
 * interrupted. Only importing torch proves that its libraries work on this machine.
 */
const PROBE = `
import importlib.metadata, importlib.util, json, os, sys
def is_intact(distribution):
    files = distribution.files
    return bool(files) and all(os.path.exists(file.locate()) for file in files)
def origin(name):
    spec = importlib.util.find_spec(name)
    return spec.origin if spec and spec.origin else None
answer = {"broken": [], "torch": None, "torchProblem": None, "witnesses": []}
if "--check-files" in sys.argv:
    answer["broken"] = [d.metadata["Name"] or str(d._path) for d in importlib.metadata.distributions() if not is_intact(d)]
if origin("torch"):
    try:
        import torch, numpy, safetensors.torch, polars
        answer["torch"] = torch.__version__
    except Exception as error:
        answer["torchProblem"] = f"{type(error).__name__}: {error}"
for name in ("torch", "numpy", "safetensors", "polars", "pytest", "xdist", "trainyard"):
    found = origin(name)
    if found:
        answer["witnesses"].append(found)
answer["pytest"] = origin("pytest") is not None
answer["xdist"] = origin("xdist") is not None
answer["trainyard"] = origin("trainyard") is not None
print(json.dumps(answer))
`;

/**
 * Inspects the packages of `python`. Takes seconds with PyTorch, since it imports it.
 * @param checkFiles also checks that every installed file exists
 * @returns null when the interpreter fails to run the inspection
 */
export async function inspectInterpreter(
  python: string,
  {
    environment,
    signal,
    checkFiles = false,
  }: { environment?: NodeJS.ProcessEnv; signal?: AbortSignal | undefined; checkFiles?: boolean } = {},
): Promise<Inspection | null> {
  try {
    const { code, lines } = await runProcess(python, ['-c', PROBE, ...(checkFiles ? ['--check-files'] : [])], {
      environment,
      signal,
    });
    return code === 0
      ? (JSON.parse(lines.findLast((line) => line.startsWith('{')) ?? 'null') as Inspection | null)
      : null;
  } catch (error) {
    if (signal?.aborted === true) throw error;
    return null;
  }
}
