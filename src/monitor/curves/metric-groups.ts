/** The metrics that one chart shows. */
export interface ChartGroup {
  /** Unique among the charts of a page. */
  readonly title: string;
  readonly names: readonly string[];
}

/** One metric, measured on the training rows and on the validation rows: both go into one chart. */
export interface MetricGroup extends ChartGroup {
  readonly training: string | null;
  readonly validation: string | null;
}

/** Charts whose titles have the same prefix. */
export interface ChartSection<Group extends ChartGroup> {
  /** `grads/` for `grads/layer1`; empty for charts without a prefix. */
  readonly prefix: string;
  readonly groups: readonly Group[];
}

const VALIDATION = /^(?:val|valid|validation|eval|test)[_/.-]/i;
const TRAINING = /^train(?:ing)?[_/.-]/i;
/** The prefix of measurements of the machine. They come last. */
const SYSTEM = 'system/';
const { compare } = new Intl.Collator('en', { numeric: true });

/** Pairs `loss` with `val_loss` and so on. Each name is in exactly one group. */
export function groupMetrics(names: Iterable<string>): MetricGroup[] {
  const pairs = new Map<string, { training: string | null; validation: string | null }>();
  const alone: string[] = [];
  for (const name of [...names].sort(compare)) {
    const subject = name.replace(VALIDATION, '').replace(TRAINING, '');
    const pair = pairs.get(subject) ?? { training: null, validation: null };
    const side = VALIDATION.test(name) ? 'validation' : 'training';
    // `val_loss` and `test_loss` are different metrics.
    if (pair[side] === null) pairs.set(subject, { ...pair, [side]: name });
    else alone.push(name);
  }
  const paired = [...pairs].map(([subject, pair]) => toGroup(subject, pair));
  return [...paired, ...alone.map((name) => toGroup(name, { training: name, validation: null }))];
}

function toGroup(subject: string, pair: Pick<MetricGroup, 'training' | 'validation'>): MetricGroup {
  const names = [pair.training, pair.validation].filter((name) => name !== null);
  const [only = subject] = names;
  // A single metric keeps its folder: `eval/bleu` belongs to the section `eval/`.
  return { title: names.length === 1 && only.includes('/') ? only : subject, names, ...pair };
}

/** Charts by prefix: those without one first, then other prefixes by name, and `system/` last. In each section losses come first. */
export function toSections<Group extends ChartGroup>(groups: readonly Group[]): ChartSection<Group>[] {
  const sections = new Map<string, Group[]>();
  for (const group of groups) {
    const prefix = prefixOf(group.title);
    const section = sections.get(prefix);
    if (section) section.push(group);
    else sections.set(prefix, [group]);
  }
  return [...sections]
    .map(([prefix, each]) => ({ prefix, groups: each.sort(byImportance) }))
    .sort((a, b) => Number(isSystem(a)) - Number(isSystem(b)) || compare(a.prefix, b.prefix));
}

/** Whether a section has measurements of the machine, not of the model. */
export function isSystem({ prefix }: Pick<ChartSection<ChartGroup>, 'prefix'>): boolean {
  return prefix === SYSTEM;
}

/** The groups with a metric whose name, or the title, contains each word of `search`, in any letter case. */
export function findGroups<Group extends ChartGroup>(groups: readonly Group[], search: string): readonly Group[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return groups;
  return groups.filter(({ title, names }) =>
    [title, ...names].some((name) => words.every((word) => name.toLowerCase().includes(word))),
  );
}

function prefixOf(title: string): string {
  return title.slice(0, title.indexOf('/') + 1);
}

/** The validation loss first, then the loss, then other metrics by name. */
function byImportance({ title: a }: ChartGroup, { title: b }: ChartGroup): number {
  const rank = (title: string) => {
    const name = title.slice(title.lastIndexOf('/') + 1);
    return name === 'val_loss' ? 0 : name === 'loss' ? 1 : 2;
  };
  return rank(a) - rank(b) || compare(a, b);
}
