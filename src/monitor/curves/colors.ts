/** How many colours there are for curves. */
export const CURVE_COLORS = 8;

/** The colour of a curve, as CSS has it. @param index from 0 */
export function curveColor(index: number): string {
  return `var(--curve-${(index % CURVE_COLORS) + 1})`;
}

/** What a canvas needs: the colour that CSS makes of `color` within `element` now. */
export function resolveColor(element: HTMLElement, color: string): string {
  const probe = document.createElement('span');
  probe.style.color = color;
  element.append(probe);
  const resolved = getComputedStyle(probe).color;
  probe.remove();
  return resolved;
}
