/**
 * An absolute path of at least two folders. Not the path of a URL or of a relative path: before its first slash is none of the
 * characters that those have there.
 */
const ABSOLUTE_PATH = /(?<![\w:/.~…-])(?:file:\/\/)?(?:\/[^\s/'"`<>|:,;()[\]{}]+){2,}\/?/g;

/**
 * Shortens each absolute path in a text from Python to its last name, for example `…/data.csv`. Clients of the API have no need to know
 * where the server keeps its files.
 * @param root a folder that is recognised also if its path contains spaces
 */
export function hidePaths(text: string, root?: string): string {
  const known = root === undefined || root === '/' ? text : text.replaceAll(`${root}/`, '…/');
  return known.replace(ABSOLUTE_PATH, (path) => `…/${path.split('/').findLast((name) => name !== '') ?? ''}`);
}
