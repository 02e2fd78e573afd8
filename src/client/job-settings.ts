/** The settings of a job as people read them, the same in the terminal and on the page. */

/** A setting of a job. */
export interface ShownSetting {
  readonly name: string;
  readonly value: unknown;
  /** Whether it was given at the start; otherwise it is a default, or the choice of the trainer. */
  readonly isGiven: boolean;
}

/** `Job.settings`: see the schema. */
export interface ResolvedSettings {
  readonly epochs: number | null;
  readonly batchSize: number | null;
  readonly learningRate: number | null;
  readonly seed: number | null;
  readonly options: Readonly<Record<string, unknown>>;
}

/** The fields of a job that its settings need: see `Job` in the schema. */
export interface JobWithSettings extends Omit<ResolvedSettings, 'options'> {
  /** An object. */
  readonly options: unknown;
  /** The resolved settings; null before the trainer has reported them. */
  readonly settings: unknown;
}

/** The settings of a job with a value: those given first, as they were given, then the others that the trainer reported. */
export function shownSettings({ options, settings, ...job }: JobWithSettings): ShownSetting[] {
  const resolved = settings as ResolvedSettings | null;
  const given = options as Readonly<Record<string, unknown>>;
  const standard = ([name, key]: readonly [string, 'epochs' | 'batchSize' | 'learningRate' | 'seed']) => ({
    name,
    value: job[key] ?? resolved?.[key] ?? null,
    isGiven: job[key] !== null,
  });
  const names = Object.keys({ ...given, ...resolved?.options });
  return [
    ...STANDARD.map(standard),
    ...names.map((name) => ({ name, value: given[name] ?? resolved?.options[name], isGiven: given[name] != null })),
  ].filter(({ value }) => value !== null && value !== undefined);
}

const STANDARD = [
  ['epochs', 'epochs'],
  ['batch size', 'batchSize'],
  ['learning rate', 'learningRate'],
  ['seed', 'seed'],
] as const;

/** Formats a value as a user would type it in a form: a text without quotes, a list with commas. */
export function writeOption(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (Array.isArray(value)) return value.length === 0 ? '[]' : value.join(', ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}
