/** `npm run python -- ARGUMENTS`: runs the Python that trainings use, with the `trainyard` package importable. */
import { NoPythonError } from '../src/cli/environment/find-interpreter.ts';
import { pythonPaths } from '../src/cli/environment/paths.ts';
import { variablesFor } from '../src/cli/environment/python-environment.ts';
import { projectPython } from './project-python.ts';
import { runInForeground } from './run-in-foreground.ts';

const paths = pythonPaths();
try {
  const python = projectPython(paths);
  // npm changes to the repository. In "npm run python" paths are meant relative to where the person is; the scripts that
  // use this command mean the repository.
  const asked = process.env['npm_lifecycle_event'] === 'python' ? process.env['INIT_CWD'] : undefined;
  process.exitCode = await runInForeground(python, process.argv.slice(2), {
    environment: variablesFor(python, paths),
    cwd: asked ?? process.cwd(),
  });
} catch (error) {
  if (!(error instanceof NoPythonError) && (error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  console.error(
    error instanceof NoPythonError ? error.message : `TRAINYARD_PYTHON names a program that does not exist.`,
  );
  process.exitCode = 1;
}
