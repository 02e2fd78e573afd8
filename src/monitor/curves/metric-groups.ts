/** One metric, measured on the training rows and on the validation rows: both go into one chart. */
export interface MetricGroup {
  readonly title: string;
  readonly training: string | null;
  readonly validation: string | null;
}

const VALIDATION = /^(?:val|valid|validation|eval|test)[_/.-]/i;

/** Pairs `loss` with `val_loss` and so on. The loss comes first, then other metrics by name. */
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
