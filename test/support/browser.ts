import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

/** Names of the Chromium executable on Debian, on other systems, and from Google. */
const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

/** The path of Chromium, from CHROMIUM or the PATH; undefined if there is none. */
export const CHROMIUM = process.env['CHROMIUM'] ?? findChromium();

/** Advice if it is missing. */
export const NO_CHROMIUM =
  'Chromium is not installed, so the browser tests are skipped. Install it (on Debian: apt-get install chromium fonts-dejavu-core), or set CHROMIUM=/path/to/it.';

/** Starts Chromium, without a window. @throws Error when there is none */
export function launchChromium(): Promise<Browser> {
  if (CHROMIUM === undefined) throw new Error(NO_CHROMIUM);
  // Its own sandbox needs privileges that containers do not give. It only ever opens our own pages.
  return chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
}

function findChromium(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.flatMap((folder) => NAMES.map((name) => join(folder, name))).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
