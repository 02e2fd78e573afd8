/** Number of curve colours. */
const CURVE_COLORS = 8;

/** The CSS colour of a curve. @param index from 0 */
export function curveColor(index: number): string {
  return `var(--curve-${(index % CURVE_COLORS) + 1})`;
}

/** Resolves a CSS colour (also a variable) within `element` to a value that a canvas accepts. */
export function resolveColor(element: HTMLElement, color: string): string {
  const probe = document.createElement('span');
  probe.style.color = color;
  element.append(probe);
  const resolved = getComputedStyle(probe).color;
  probe.remove();
  return resolved;
}
