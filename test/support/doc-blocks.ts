import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY_ROOT } from '../../src/cli/environment/paths.ts';

/** A fenced piece of code of a page, and the heading above it. */
export interface DocBlock {
  readonly heading: string;
  readonly language: string;
  readonly code: string;
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
