import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { REPOSITORY_ROOT } from '../../src/cli/environment/paths.ts';
import { documentPages } from '../support/doc-blocks.ts';

const PAGES = documentPages();
const readPage = (page: string): string => readFileSync(join(REPOSITORY_ROOT, page), 'utf8');
const withoutCode = (text: string): string => text.replaceAll(/^```.*?^```$|`[^`\n]*`/gms, '');

/** The anchors that GitHub gives the headings of a page. */
function anchorsOf(page: string): Set<string> {
  const headings = [
    ...readPage(page)
      .replaceAll(/^```.*?^```$/gms, '')
      .matchAll(/^#+ (.+)$/gm),
  ];
  return new Set(
    headings.map(([, title = '']) =>
      title
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

/** The relative links of a page that lead to no file, or to no heading of it. */
function brokenLinks(page: string): string[] {
  const targets = [...withoutCode(readPage(page)).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
  return targets.filter((target) => {
    if (/^[a-z]+:/.test(target)) return false;
    const [path = '', anchor] = target.split('#');
    const file = path === '' ? page : join(dirname(page), path);
    if (!existsSync(join(REPOSITORY_ROOT, file))) return true;
    return anchor !== undefined && !anchorsOf(file).has(anchor);
  });
}

test.for(PAGES)('%s links only to files and headings that exist', (page) => {
  expect(brokenLinks(page)).toEqual([]);
});

test.for(['docs/reliability.md', 'docs/security.md'])('every test that %s names exists', (page) => {
  const folders = readdirSync(join(REPOSITORY_ROOT, 'test'), { withFileTypes: true }).filter((one) =>
    one.isDirectory(),
  );
  const names = readPage(page).matchAll(
    new RegExp(`\`((?:${folders.map(({ name }) => name).join('|')})/[\\w/-]+)\``, 'g'),
  );
  const tests = [...names].map(([, name = '']) => name);
  expect(tests.length).toBeGreaterThan(5);
  const exists = (name: string) =>
    ['.test.ts', '.py'].some((ending) => existsSync(join(REPOSITORY_ROOT, 'test', `${name}${ending}`)));
  expect(tests.filter((name) => !exists(name))).toEqual([]);
});

test('docs/README.md lists every page of docs/', () => {
  const index = readPage('docs/README.md');
  const pages = PAGES.filter((page) => page.startsWith('docs/') && page !== 'docs/README.md');
  expect(pages.filter((page) => !index.includes(`(${page.slice('docs/'.length)})`))).toEqual([]);
});
