import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { startTestServer } from '../support/server-process.ts';
import { describeInBrowser, openPage, screenshot, violations, WIDTHS } from './support.ts';

/** A script of the user: it trains until the file `go` is there, so that the test sees it live. */
const TRAIN = `
import argparse, pathlib, time
parser = argparse.ArgumentParser(description="Trains a small model.")
parser.add_argument("--mode", required=True, choices=["fast", "exact"], help="How to compute.")
parser.add_argument("--width", type=int, default=64, help="Units of a layer.")
parser.add_argument("--note", default="none", help="Any text.")
parser.add_argument("--lr", type=float, default=0.1)
args, rest = parser.parse_known_args()
print("mode", args.mode, "width", args.width, "note", args.note, "rest", rest, flush=True)
step = 0
while step < 3 or not pathlib.Path("go").exists():
    step += 1
    print(f"step {step} loss {1 / step:.4f}", flush=True)
    time.sleep(0.1)
`;

function addScripts(home: string): string {
  const folder = join(home, 'trainers');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'train.py'), TRAIN);
  writeFileSync(join(folder, 'plain.py'), 'print("step 1 loss 0.5")\n');
  writeFileSync(join(folder, 'broken.py'), 'x = 1\ndef f(:\n');
  return folder;
}

const status = (page: Page) => page.getByRole('region', { name: 'Progress' }).getByRole('status');

describeInBrowser('a script in the folder of trainers', (browser) => {
  test('is chosen, checked, started, watched and duplicated', async () => {
    await using server = await startTestServer();
    const folder = addScripts(server.home);
    const { page, consoleErrors } = await openPage(browser(), `${server.url}/start`);
    const trainer = page.getByLabel('Trainer', { exact: true });
    await trainer.selectOption('train');
    await page.getByText('Trains a small model.').waitFor();
    expect(await page.locator('optgroup[label="Scripts in the folder of trainers"] option').allTextContents()).toEqual([
      'broken (unavailable)',
      'plain',
      'train',
    ]);

    const width = page.getByLabel('Width', { exact: true });
    expect(await width.getAttribute('placeholder')).toBe('64');
    await page.getByText('Units of a layer.').waitFor();
    // A script needs no dataset unless it has an option for it.
    expect(await page.getByRole('region', { name: 'Data' }).count()).toBe(0);
    expect(await page.getByLabel('Learning rate').getAttribute('placeholder')).toBe('0.1');
    expect(await violations(page)).toEqual([]);
    for (const each of WIDTHS) {
      await page.setViewportSize({ width: each, height: 900 });
      await screenshot(page, `script-start-${each}`);
    }
    await page.emulateMedia({ colorScheme: 'dark' });
    await screenshot(page, 'script-start-dark');
    await page.emulateMedia({ colorScheme: 'light' });

    // The error is at the field, which gets the focus.
    const start = page.getByRole('button', { name: 'Start training' });
    const mode = page.getByLabel('Mode required', { exact: true });
    await start.click();
    await expect.poll(() => mode.getAttribute('aria-invalid')).toBe('true');
    expect(await mode.evaluate('document.activeElement.name')).toBe('option.mode');
    await screenshot(page, 'script-required');
    await mode.selectOption('exact');
    await page.getByLabel('Arguments').fill(`--note 'open`);
    await start.click();
    await page.getByText('A quote is not closed.').waitFor();

    await page.getByLabel('Arguments').fill(`--verbose 'two words'`);
    await width.fill('128');
    await page.getByLabel('Note', { exact: true }).fill('hello "you"');
    await start.click();
    await status(page).getByText('Running', { exact: true }).waitFor();
    await page.getByRole('img', { name: /^loss over steps\. .* at step / }).waitFor();
    await page
      .getByRole('log')
      .getByText(`mode exact width 128 note hello "you" rest ['--verbose', 'two words']`)
      .waitFor();
    await screenshot(page, 'script-running');
    writeFileSync(join(folder, 'go'), '');
    await status(page).getByText('Completed', { exact: true }).waitFor();

    // A completed script has no epochs to add, so that a resume would only end again.
    await page.getByRole('button', { name: 'Delete' }).waitFor();
    expect(await page.getByRole('button', { name: 'Resume' }).count()).toBe(0);
    await page.getByRole('button', { name: 'Duplicate' }).click();
    await expect.poll(() => trainer.inputValue()).toBe('train');
    expect(await mode.inputValue()).toBe('exact');
    expect(await width.inputValue()).toBe('128');
    expect(await page.getByLabel('Note', { exact: true }).inputValue()).toBe('hello "you"');
    expect(await page.getByLabel('Arguments').inputValue()).toBe(`--verbose 'two words'`);

    // The list has no dataset to show for it.
    await page.goto(server.url);
    await page.getByRole('row').getByText('train', { exact: true }).waitFor();
    expect(consoleErrors).toEqual([]);
  });

  test('that has no options shows no section for them, and one that cannot run shows why', async () => {
    await using server = await startTestServer();
    addScripts(server.home);
    const { page } = await openPage(browser(), `${server.url}/start`);
    const trainer = page.getByLabel('Trainer', { exact: true });
    const start = page.getByRole('button', { name: 'Start training' });
    await trainer.selectOption('plain');
    await page.getByLabel('Arguments').waitFor();
    expect(await page.getByText('Trainer options').count()).toBe(0);
    await trainer.selectOption('broken');
    await page.getByText(/broken\.py.*line 2|line 2.*invalid syntax/).waitFor();
    expect(await start.isDisabled()).toBe(true);
    expect(await violations(page)).toEqual([]);
    await screenshot(page, 'script-unavailable');
    await trainer.selectOption('plain');
    await start.click();
    await status(page).getByText('Completed', { exact: true }).waitFor();
  });
});
