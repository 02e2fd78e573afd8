import type { JobDetailFragment } from '../graphql/graphql.ts';

/** A setting of a job. */
export interface ShownSetting {
  readonly name: string;
  readonly value: unknown;
  /** Whether it was given at the start; otherwise it is a default, or the choice of the trainer. */
  readonly isGiven: boolean;
}

/** `Job.settings`: see the schema. */
interface Resolved {
  readonly epochs: number | null;
  readonly batchSize: number | null;
  readonly learningRate: number | null;
  readonly seed: number | null;
  readonly options: Readonly<Record<string, unknown>>;
}

type Settings = Pick<JobDetailFragment, 'epochs' | 'batchSize' | 'learningRate' | 'seed' | 'options' | 'settings'>;

/** The settings of a job with a value: those given first, as they were given, then the others that the trainer reported. */
export function shownSettings({ options, settings, ...job }: Settings): ShownSetting[] {
  const resolved = settings as Resolved | null;
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
