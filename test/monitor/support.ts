import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished } from 'vitest';
import { CHROMIUM, launchChromium, NO_CHROMIUM } from '../support/browser.ts';

const RESULTS = fileURLToPath(new URL('../../test-results/monitor/', import.meta.url));

/** The widths that the page is looked at in: a phone, a tablet, a desk. */
export const WIDTHS = [360, 768, 1440] as const;

export interface OpenPage {
  readonly page: Page;
  /** What the page complained of in its console so far: nothing, unless a test provokes it. */
  readonly complaints: readonly string[];
}

/**
 * Tests in a real browser, one for all of them. Without Chromium they are left out, which is said; where CI is set they fail, so
 * that nobody takes them for passed.
 */
export function describeInBrowser(what: string, tests: (browser: () => Browser) => void): void {
  if (CHROMIUM === undefined && !process.env['CI']) {
    console.warn(NO_CHROMIUM);
    describe.skip(what, () => tests(() => expect.unreachable()));
    return;
  }
  describe(what, () => {
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

/** A page of its own, closed after the test. */
export async function openPage(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<OpenPage> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  onTestFinished(() => context.close());
  // A bound for what hangs, far above what anything takes: real Pythons import PyTorch on a busy machine.
  context.setDefaultTimeout(90_000);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.goto(url);
  return { page, complaints };
}

/** Keeps a picture of the page, to be looked at: all of it, or what is in sight where a list has only that. */
export async function picture(page: Page, name: string, { fullPage = true } = {}): Promise<void> {
  mkdirSync(RESULTS, { recursive: true });
  await page.screenshot({ path: `${RESULTS}${name}.png`, fullPage });
}
