import { setTimeout as delay } from 'node:timers/promises';

/**
 * Waits until `condition` gives something truthy, and gives that back. Fails after `seconds`, which is a bound for what hangs
 * and no measure of speed.
 */
export async function until<Value>(
  what: string,
  condition: () => Value | Promise<Value>,
  seconds = 60,
): Promise<Exclude<Value, undefined | null | false>> {
  const end = performance.now() + seconds * 1000;
  for (;;) {
    const value = await condition();
    if (value) return value as Exclude<Value, undefined | null | false>;
    if (performance.now() > end) throw new Error(`waited ${seconds} s in vain until ${what}`);
    await delay(20);
  }
}
