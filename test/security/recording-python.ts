import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PYTHON } from '../support/runner.ts';

/** An interpreter that records how it is called and then is the real one, but for files of certain names. */
export interface RecordingPython {
  readonly path: string;
  /** The calls so far, of `preview` or `datasets`. */
  calls(command: string): { readonly pid: number; readonly files: string[] }[];
}

/**
 * - `slow*.csv` keeps a preview busy until it is killed.
 * - `fatal.csv` kills the process that describes it, as the system does when memory runs out.
 */
export function recordingPython(folder: string): RecordingPython {
  const path = join(folder, 'recording-python');
  const log = join(folder, 'recording-python.log');
  writeFileSync(log, '');
  writeFileSync(
    path,
    `#!/usr/bin/env python3
import json, os, subprocess, sys, time
python, arguments = ${JSON.stringify(PYTHON)}, sys.argv[1:]
files = arguments[arguments.index("--") + 2:] if "--" in arguments else []
with open(${JSON.stringify(log)}, "a") as file:
    file.write(json.dumps({"command": arguments[2], "pid": os.getpid(), "files": files}) + "\\n")
if arguments[2] == "preview" and files[0].startswith("slow"):
    time.sleep(600)
if arguments[2] == "datasets" and "fatal.csv" in files:
    before = files[:files.index("fatal.csv")]
    if before:
        subprocess.run([python, *arguments[:-len(files)], *before])
    os.kill(os.getpid(), 9)
os.execvp(python, [python, *arguments])
`,
  );
  chmodSync(path, 0o755);
  return {
    path,
    calls: (command) =>
      readFileSync(log, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as { command: string; pid: number; files: string[] })
        .filter((call) => call.command === command),
  };
}
