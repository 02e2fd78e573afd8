/** `npm run python -- ARGUMENTS`: runs the Python that trainings use, with the `trainyard` package importable. */
import { NoPythonError } from '../src/cli/environment/find-interpreter.ts';
import { pythonPaths } from '../src/cli/environment/paths.ts';
import { variablesFor } from '../src/cli/environment/python-environment.ts';
import { projectPython } from './project-python.ts';
import { runInForeground } from './run-in-foreground.ts';

const paths = pythonPaths();
try {
  const python = projectPython(paths);
  // npm changes to the repository. For "npm run python", paths are relative to the user's folder; for other npm scripts that use this command,
  // they are relative to the repository.
  const userFolder = process.env['npm_lifecycle_event'] === 'python' ? process.env['INIT_CWD'] : undefined;
  process.exitCode = await runInForeground(python, process.argv.slice(2), {
    environment: variablesFor(python, paths),
    cwd: userFolder ?? process.cwd(),
  });
} catch (error) {
  if (!(error instanceof NoPythonError) && (error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  console.error(
    error instanceof NoPythonError
      ? error.message
      : 'TRAINYARD_PYTHON names a program that does not exist. Correct it, or unset it and run "npm run setup".',
  );
  process.exitCode = 1;
}
