import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import axe from 'axe-core';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished } from 'vitest';
import { CHROMIUM, launchChromium, NO_CHROMIUM } from '../support/browser.ts';

const RESULTS = fileURLToPath(new URL('../../test-results/monitor/', import.meta.url));

/** Screen widths to test: phone, tablet, desktop. */
export const WIDTHS = [360, 768, 1440] as const;

export interface OpenPage {
  readonly page: Page;
  /** Errors and warnings in the console so far. Tests expect none unless they provoke them. */
  readonly consoleErrors: readonly string[];
}

/**
 * Tests that share one real browser. Without Chromium they are skipped with a warning. With CI set they fail instead, so that a missing browser
 * is not mistaken for a pass.
 */
export function describeInBrowser(subject: string, tests: (browser: () => Browser) => void): void {
  if (CHROMIUM === undefined && !process.env['CI']) {
    console.warn(NO_CHROMIUM);
    describe.skip(subject, () => tests(() => expect.unreachable()));
    return;
  }
  describe(subject, () => {
    let browser: Browser | undefined;
    beforeAll(async () => {
      browser = await launchChromium();
    });
    afterAll(() => browser?.close());
    tests(() => {
      if (!browser) throw new Error(NO_CHROMIUM);
      return browser;
    });
  });
}

/** Opens a page in a new browser context, which closes after the test. */
export async function openPage(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<OpenPage> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  onTestFinished(() => context.close());
  // A bound against hanging, far above the time that any step takes: importing PyTorch is slow on a busy machine.
  context.setDefaultTimeout(90_000);
  const page = await context.newPage();
  const consoleErrors: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') consoleErrors.push(message.text());
  });
  page.on('pageerror', (error) => consoleErrors.push(String(error)));
  await page.goto(url);
  return { page, consoleErrors };
}

/** Saves a screenshot of the page for review: the full page, or the viewport for lists that render only visible rows. */
export async function screenshot(page: Page, name: string, { fullPage = true } = {}): Promise<void> {
  mkdirSync(RESULTS, { recursive: true });
  await page.screenshot({ path: `${RESULTS}${name}.png`, fullPage });
}

/** The violations that axe finds, as text. axe runs through the debugger: the page's content security policy allows no other script. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations: found } = await page.evaluate<axe.AxeResults>('axe.run()');
  return found.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary ?? ''}`),
  );
}

/** The last step of a curve, from the text that describes its chart; NaN if it has none. */
export async function stepShown(chart: Locator): Promise<number> {
  const label = (await chart.getAttribute('aria-label')) ?? '';
  return Number(/at step ([\d,]+)/.exec(label)?.[1]?.replaceAll(',', ''));
}
