import { setTimeout as delay } from 'node:timers/promises';

/**
 * Waits until `condition` returns a truthy value, and returns it. Fails after `seconds`, which is a bound against hanging and no measure of
 * speed.
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
    if (performance.now() > end) throw new Error(`not true within ${seconds} s: ${what}`);
    await delay(20);
  }
}
