import { type Finding, ok, wrong } from './check.ts';

/** The server needs SQLite as Node brings it, and the language of this release. */
const OLDEST_MAJOR = 24;

/** Looks at the Node that runs this. */
export function checkNode(version = process.versions.node): Finding {
  const major = Number(version.split('.', 1)[0]);
  return major >= OLDEST_MAJOR
    ? ok('Node', `${version} (${process.execPath})`)
    : wrong('Node', `${version} is too old.`, `Install Node ${OLDEST_MAJOR} or newer.`);
}
