import { runProcess } from '../run-process.ts';

/** What an interpreter can import and whether what is installed in it is whole. */
export interface Inspection {
  /** Distributions whose files are not all there: an installation was cut short. */
  readonly broken: readonly string[];
  /** Version of PyTorch; null where it cannot be imported. */
  readonly torch: string | null;
  /** Why PyTorch is there but cannot be imported; null when it can, or is not there at all. */
  readonly torchProblem: string | null;
  readonly pytest: boolean;
  readonly trainyard: boolean;
  /** One file of each of these packages, absolute. */
  readonly witnesses: readonly string[];
}

/**
 * pip writes RECORD after all other files of a distribution, so a distribution without one, or with a listed file
 * missing, was interrupted. Importing torch for real is the only proof that its libraries fit this machine.
 */
const QUESTION = `
import importlib.metadata, importlib.util, json, os, sys
def whole(distribution):
    files = distribution.files
    return bool(files) and all(os.path.exists(file.locate()) for file in files)
def origin(name):
    spec = importlib.util.find_spec(name)
    return spec.origin if spec and spec.origin else None
answer = {"broken": [], "torch": None, "torchProblem": None, "witnesses": []}
if "--whole" in sys.argv:
    answer["broken"] = [d.metadata["Name"] or str(d._path) for d in importlib.metadata.distributions() if not whole(d)]
if origin("torch"):
    try:
        import torch, numpy, safetensors.torch
        answer["torch"] = torch.__version__
    except Exception as error:
        answer["torchProblem"] = f"{type(error).__name__}: {error}"
for name in ("torch", "numpy", "safetensors", "pytest", "trainyard"):
    found = origin(name)
    if found:
        answer["witnesses"].append(found)
answer["pytest"] = origin("pytest") is not None
answer["trainyard"] = origin("trainyard") is not None
print(json.dumps(answer))
`;

/**
 * Asks `python` what it has. Takes seconds where PyTorch is installed, because it is imported.
 * @param whole also checks that every installed file exists
 * @returns null when the interpreter cannot even answer
 */
export async function inspectInterpreter(
  python: string,
  {
    environment,
    signal,
    whole = false,
  }: { environment?: NodeJS.ProcessEnv; signal?: AbortSignal | undefined; whole?: boolean } = {},
): Promise<Inspection | null> {
  try {
    const { code, lines } = await runProcess(python, ['-c', QUESTION, ...(whole ? ['--whole'] : [])], {
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
