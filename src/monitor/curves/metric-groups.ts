/** What is measured, on the rows trained on and on those kept from the training: both belong into one plot. */
export interface MetricGroup {
  readonly title: string;
  readonly training: string | null;
  readonly validation: string | null;
}

const VALIDATION = /^(?:val|valid|validation|eval|test)[_/.-]/i;

/** Pairs `loss` with `val_loss` and so on; the loss comes first, then the others by name. */
export function groupMetrics(names: Iterable<string>): MetricGroup[] {
  const groups = new Map<string, { training: string | null; validation: string | null }>();
  for (const name of names) {
    const title = name.replace(VALIDATION, '').replace(/^train(?:ing)?[_/.-]/i, '');
    const group = groups.get(title) ?? { training: null, validation: null };
    if (VALIDATION.test(name)) group.validation ??= name;
    else group.training ??= name;
    groups.set(title, group);
  }
  return [...groups]
    .map(([title, group]) => ({ title, ...group }))
    .sort((a, b) => Number(b.title === 'loss') - Number(a.title === 'loss') || a.title.localeCompare(b.title));
}
