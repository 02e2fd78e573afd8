/**
 * Which folder may import which. `npm run boundaries` checks it.
 * Imports of types count like all others.
 *
 * @type {import('dependency-cruiser').IConfiguration}
 */
export default {
  forbidden: [
    {
      name: 'no-cycles',
      comment:
        'A cycle means that no file in it can be read, tested or moved alone. Move what both files need into a third one.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'imports-resolve',
      comment:
        'An import that the tool cannot resolve escapes all other rules. The packages of bench/peers are those of bench/package.json.',
      severity: 'error',
      from: { pathNot: '^bench/peers/' },
      to: { couldNotResolve: true },
    },
    {
      name: 'runner-knows-no-graphql',
      comment: 'The runner is a library of its own. It imports nothing from the layers above it.',
      severity: 'error',
      from: { path: '^src/runner/' },
      to: { path: '^src/', pathNot: '^src/runner/' },
    },
    {
      name: 'resolvers-import-the-runner-only',
      comment:
        'schema -> resolvers -> runner: a resolver does not know how the schema or the server presents its answer.',
      severity: 'error',
      from: { path: '^src/resolvers/' },
      to: { path: '^src/', pathNot: '^src/(resolvers|runner)/' },
    },
    {
      name: 'schema-does-not-import-the-server',
      comment: 'schema -> resolvers -> runner: the same schema must work in another server.',
      severity: 'error',
      from: { path: '^src/schema/' },
      to: { path: '^src/', pathNot: '^src/(schema|resolvers|runner)/' },
    },
    {
      name: 'settings-import-the-runner-only',
      comment: 'Settings are checked before anything starts, so they cannot depend on the server.',
      severity: 'error',
      from: { path: '^src/settings/' },
      to: { path: '^src/', pathNot: '^src/(settings|runner)/' },
    },
    {
      name: 'clients-use-the-api-only',
      comment:
        'The command and the page are clients like any other: they use GraphQL and src/client, nothing from the server. `trainyard token` shares the format of the tokens file, and `trainyard doctor` checks the settings of a server.',
      severity: 'error',
      from: { path: '^src/(cli|monitor|client)/' },
      to: { path: '^src/', pathNot: '^src/(client/|$1/|settings/(tokens|settings)\\.ts$)' },
    },
    {
      name: 'client-library-stands-alone',
      comment: 'src/client is a published library. It imports neither the command nor the page.',
      severity: 'error',
      from: { path: '^src/client/' },
      to: { path: '^src/', pathNot: '^src/client/' },
    },
    {
      name: 'runner-from-outside-by-its-index',
      comment: 'src/runner/index.ts is the public face of the runner. Its folders can move without a change elsewhere.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/runner/' },
      to: { path: '^src/runner/', pathNot: '^src/runner/index\\.ts$' },
    },
    {
      name: 'job-rules-are-pure',
      comment:
        'src/runner/job decides without I/O: it imports only itself, no other folder, no package and no module of Node.',
      severity: 'error',
      from: { path: '^src/runner/job/' },
      to: { pathNot: '^src/runner/job/' },
    },
    {
      name: 'only-the-composition-composes',
      comment: 'No folder of the runner imports the files that connect the folders.',
      severity: 'error',
      from: { path: '^src/runner/[^/]+/' },
      to: { path: '^src/runner/(index|create-runner|runner-api|runner-settings|runner)\\.ts$' },
    },
    {
      name: 'base-files-import-job-only',
      comment: 'Every folder may import the base files at the top of src/runner, so these import no folder but job.',
      severity: 'error',
      from: { path: '^src/runner/(home|logger|system-errors|events|keyed-queue|local-folder|modified-at)\\.ts$' },
      to: {
        path: '^src/runner/',
        pathNot: '^src/runner/(job/|(home|logger|system-errors|events|keyed-queue|local-folder|modified-at)\\.ts$)',
      },
    },
    ...folders({
      life: ['datasets', 'history', 'launchers', 'python', 'reports', 'storage', 'store', 'job'],
      launchers: ['python', 'job'],
      reports: ['job'],
      feeds: ['history', 'store', 'job'],
      webhooks: ['store', 'job'],
      audit: ['store', 'job'],
      history: ['job'],
      datasets: ['python', 'storage', 'job'],
      python: ['job'],
      storage: ['store', 'job'],
      store: ['job'],
    }),
    {
      name: 'one-launcher-does-not-know-another',
      comment:
        'A launcher is everything about one kind of machine. Only create-runner.ts chooses one; the rest uses the contract.',
      severity: 'error',
      from: { path: '^src/runner/', pathNot: '^src/runner/(launchers/[^/]+/|(index|create-runner)\\.ts$)' },
      to: { path: '^src/runner/launchers/[^/]+/' },
    },
    {
      name: 'processes-by-launchers-only',
      comment:
        'Trainers are started by the launchers only. python/ runs short programs that describe trainers and datasets.',
      severity: 'error',
      from: { path: '^src/runner/', pathNot: '^src/runner/(launchers/(local|slurm)|python)/' },
      to: { dependencyTypes: ['core'], path: '^(node:)?child_process$' },
    },
    {
      name: 'graphql-servers-in-src-server-only',
      comment:
        'Transports stay replaceable: only src/server imports Yoga and ws. The CLI needs the client of ws for Unix sockets.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(server/|cli/api/transport\\.ts$)' },
      to: { path: 'node_modules/(graphql-yoga|@graphql-yoga/[^/]+|ws|@types/ws)/' },
    },
    {
      name: 'graphql-ws-in-server-and-clients-only',
      comment:
        'Only src/server imports the server part of graphql-ws. The command, the page and src/client import its client.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(server|cli|monitor|client)/' },
      to: { path: 'node_modules/graphql-ws/' },
    },
    {
      name: 'no-graphql-in-the-runner',
      comment: 'The runner can be used without GraphQL.',
      severity: 'error',
      from: { path: '^src/runner/' },
      to: { path: 'node_modules/(graphql|graphql-[^/]+|@pothos/[^/]+)/' },
    },
    {
      name: 'sources-do-not-import-development-code',
      comment: 'The package contains src only.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|bench|scripts)/' },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    // Imports that only matter to the type checker are checked too.
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)\\.venv/' },
    enhancedResolveOptions: {
      mainFields: ['module', 'main', 'types', 'typings'],
      exportsFields: ['exports'],
      conditionNames: ['types', 'import', 'node', 'default'],
    },
  },
};

/** One rule for each folder of the runner: it imports itself, the base files, and the listed folders. */
function folders(allowed) {
  return Object.entries(allowed).map(([folder, others]) => ({
    name: `folder-${folder}`,
    comment: `src/runner/${folder} may import the base files and ${others.join(', ')}.`,
    severity: 'error',
    from: { path: `^src/runner/${folder}/` },
    to: { path: '^src/runner/[^/]+/', pathNot: `^src/runner/(${[folder, ...others].join('|')})/` },
  }));
}
