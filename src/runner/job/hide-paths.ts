/**
 * An absolute path of at least two folders. Not the path of a URL or of a relative path: before its first slash is none of the
 * characters that those have there.
 */
const ABSOLUTE_PATH = /(?<![\w:/.~…-])(?:file:\/\/)?(?:\/[^\s/'"`<>|:,;()[\]{}]+){2,}\/?/g;

/**
 * A text of Python's for clients: of each absolute path only the last name is left, for example `…/data.csv`. Where the files of a
 * server lie, and whose they are, is nobody's business who only uses its API.
 * @param root a folder that is recognised also if its path contains spaces
 */
export function hidePaths(text: string, root?: string): string {
  const known = root === undefined || root === '/' ? text : text.replaceAll(`${root}/`, '…/');
  return known.replace(ABSOLUTE_PATH, (path) => `…/${path.split('/').findLast((name) => name !== '') ?? ''}`);
}
