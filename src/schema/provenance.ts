import { readProvenance } from '../resolvers/read-provenance.ts';
import type { Provenance } from '../runner/index.ts';
import { builder } from './builder.ts';
import { JobRef } from './job.ts';

const ScriptRef = builder.objectRef<NonNullable<Provenance['script']>>('ScriptCopy').implement({
  description: 'A copy of the script that a job runs.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'File name.' }),
    sha256: t.exposeString('sha256', { description: 'SHA-256 of the file (of the first 64 MiB), in hexadecimal.' }),
    source: t.exposeString('source', { description: 'Source text; at most the first 128 KiB.' }),
    isComplete: t.exposeBoolean('isComplete', { description: 'False if `source` is only the start of the file.' }),
  }),
});

const GitRef = builder.objectRef<NonNullable<Provenance['git']>>('GitState').implement({
  description: 'State of the Git repository that contains a script.',
  fields: (t) => ({
    commit: t.exposeString('commit', { description: 'Id of the commit.' }),
    branch: t.exposeString('branch', { nullable: true, description: 'Branch; `HEAD` if none is checked out.' }),
    dirty: t.exposeBoolean('dirty', {
      nullable: true,
      description: 'True if the repository had changes that were not committed; null if unknown.',
    }),
  }),
});

const PackageRef = builder.objectRef<Provenance['packages'][number]>('Package').implement({
  description: 'An installed Python package.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Name of the package.' }),
    version: t.exposeString('version', { description: 'Version of the package.' }),
  }),
});

const HostRef = builder.objectRef<Provenance['host']>('Host').implement({
  description: 'The machine that runs a job.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Host name.' }),
    system: t.exposeString('system', { description: 'Operating system and its version.' }),
    machine: t.exposeString('machine', { description: 'Processor architecture, for example `x86_64`.' }),
    cpus: t.expose('cpus', { type: 'SafeInt', nullable: true, description: 'Number of logical processors.' }),
  }),
});

const ProvenanceRef = builder.objectRef<Provenance>('Provenance').implement({
  description: 'Record of what an attempt of a job runs, made when it starts.',
  fields: (t) => ({
    attempt: t.exposeInt('attempt', { description: 'Number of the attempt.' }),
    at: t.expose('at', { type: 'DateTime', description: 'Time of the record.' }),
    script: t.expose('script', { type: ScriptRef, nullable: true, description: 'Script; null for a shipped trainer.' }),
    arguments: t.stringList({
      description: 'Arguments of the script. Paths in the home folder are relative to it.',
      resolve: (provenance) => [...provenance.arguments],
    }),
    git: t.expose('git', {
      type: GitRef,
      nullable: true,
      description: 'Git repository of the script; null if it is in none.',
    }),
    pythonVersion: t.exposeString('pythonVersion', { description: 'Version of Python.' }),
    packages: t.field({
      type: [PackageRef],
      description: 'Installed Python packages by name; at most 1,000.',
      complexity: { field: 5, multiplier: 1 },
      resolve: ({ packages }) => packages,
    }),
    host: t.expose('host', { type: HostRef, description: 'Machine.' }),
  }),
});

builder.objectField(JobRef, 'settings', (t) =>
  t.field({
    type: 'JSON',
    nullable: true,
    description:
      'All settings that the newest attempt of the job uses: those given at the start, the defaults, and values that the trainer chose. An object with `epochs`, `batchSize`, `learningRate`, `seed` and `options`. Null until the training starts, for a simulation, and for trainers that do not report them.',
    complexity: 10,
    tracing: true,
    resolve: async (job, _args, context) => (await readProvenance(context, job))?.settings ?? null,
  }),
);

builder.objectField(JobRef, 'provenance', (t) =>
  t.field({
    type: ProvenanceRef,
    nullable: true,
    description: 'Record of what the newest attempt of the job runs; null before it starts, and for a simulation.',
    complexity: 10,
    tracing: true,
    resolve: (job, _args, context) => readProvenance(context, job),
  }),
);
