import { type Finding, ok, wrong } from './check.ts';

/** The oldest Node with the SQLite module and the language features that the server uses. */
const MIN_MAJOR = 24;

/** Checks the version of the Node that runs this command. */
export function checkNode(version = process.versions.node): Finding {
  const major = Number(version.split('.', 1)[0]);
  return major >= MIN_MAJOR
    ? ok('Node', `${version} (${process.execPath})`)
    : wrong('Node', `${version} is too old.`, `Install Node ${MIN_MAJOR} or newer.`);
}
