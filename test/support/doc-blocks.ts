import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY_ROOT } from '../../src/cli/environment/paths.ts';

/** A fenced code block of a page, and the heading above it. */
export interface DocBlock {
  readonly heading: string;
  readonly language: string;
  readonly code: string;
}

/** Every document of the repository, as paths relative to its root. */
export function documentPages(): string[] {
  const patterns = ['*.md', 'docs/**/*.md', 'python/*.md', 'src/**/*.md'];
  return globSync(patterns, { cwd: REPOSITORY_ROOT, exclude: ['**/node_modules/**'] }).sort();
}

/** The code blocks of a Markdown page, for example `docs/clients.md`, in their order. */
export function docBlocks(page: string): DocBlock[] {
  const blocks: DocBlock[] = [];
  let heading = '';
  for (const match of readFileSync(join(REPOSITORY_ROOT, page), 'utf8').matchAll(
    /^#+ (.+)$|^```(\w*)\n([\s\S]*?)^```$/gm,
  )) {
    const [, title, language, code] = match;
    if (title !== undefined) heading = title;
    else blocks.push({ heading, language: language ?? '', code: code ?? '' });
  }
  return blocks;
}
