import { z } from 'zod';
import type { Home } from '../home.ts';
import { readJson, UnreadableFileError } from './read-json.ts';
import { count, text, unixTime } from './status-file.ts';

const provenanceFile = z.object({
  job_id: z.string(),
  attempt: z.number().int().positive(),
  at: unixTime,
  script: z
    .object({
      name: text(256),
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
      source: z.string(),
      source_complete: z.boolean(),
    })
    .nullable(),
  arguments: z.array(z.string()),
  git: z
    .object({
      commit: z.string().regex(/^[0-9a-f]{40,64}$/),
      branch: text(256).nullable(),
      dirty: z.boolean().nullable(),
    })
    .nullable(),
  python: z.object({ version: text(64) }),
  packages: z.record(z.string(), text(64)),
  host: z.object({ name: text(256), system: text(256), machine: text(64), cpus: count.nullable() }),
  settings: z
    .object({
      epochs: z.number().nullable(),
      batch_size: z.number().nullable(),
      learning_rate: z.number().nullable(),
      seed: z.number().nullable(),
      options: z.record(z.string(), z.unknown()),
    })
    .optional(),
});

/** The script, arguments, versions and machine of an attempt, as its trainer recorded them. */
export interface Provenance {
  readonly attempt: number;
  /** Unix ms. */
  readonly at: number;
  /** Null for a shipped trainer. `source` is the start of a long script. */
  readonly script: {
    readonly name: string;
    readonly sha256: string;
    readonly source: string;
    readonly isComplete: boolean;
  } | null;
  /** Paths in the home folder are relative to it. */
  readonly arguments: readonly string[];
  /** Null if the script is in no Git repository. `dirty`: it had uncommitted changes; null if unknown. */
  readonly git: { readonly commit: string; readonly branch: string | null; readonly dirty: boolean | null } | null;
  readonly pythonVersion: string;
  readonly packages: readonly { readonly name: string; readonly version: string }[];
  readonly host: {
    readonly name: string;
    readonly system: string;
    readonly machine: string;
    readonly cpus: number | null;
  };
  /** Null until the trainer has chosen, and for trainers that do not report them. */
  readonly settings: ResolvedSettings | null;
}

/** All settings that an attempt uses: those given at the start, defaults, and values that the trainer chose. */
export interface ResolvedSettings {
  readonly epochs: number | null;
  readonly batchSize: number | null;
  readonly learningRate: number | null;
  readonly seed: number | null;
  readonly options: Readonly<Record<string, unknown>>;
}

/** Reads the provenance of a job's newest attempt; null if there is none, or it cannot be trusted. */
export async function readProvenance(home: Home, jobId: string): Promise<Provenance | null> {
  let json: unknown;
  try {
    json = await readJson(home.provenance(jobId));
  } catch (error) {
    if (error instanceof UnreadableFileError) return null;
    throw error;
  }
  const parsed = provenanceFile.safeParse(json);
  if (!parsed.success || parsed.data.job_id !== jobId) return null;
  const { attempt, at, script, arguments: args, git, python, packages, host, settings } = parsed.data;
  return {
    attempt,
    at,
    script: script && {
      name: script.name,
      sha256: script.sha256,
      source: script.source,
      isComplete: script.source_complete,
    },
    arguments: args.map((argument) => argument.replaceAll(`${home.root}/`, '')),
    git,
    pythonVersion: python.version,
    packages: Object.entries(packages).map(([name, version]) => ({ name, version })),
    host,
    settings: settings ? resolved(settings) : null,
  };
}

function resolved({
  batch_size: batchSize,
  learning_rate: learningRate,
  ...rest
}: NonNullable<z.infer<typeof provenanceFile>['settings']>): ResolvedSettings {
  return { ...rest, batchSize, learningRate };
}
