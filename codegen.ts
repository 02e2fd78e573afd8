import type { CodegenConfig } from '@graphql-codegen/cli';
import { DECIMAL_LIMITS, INPUT_LIMITS, LEAST_CLUSTER_TIME, RESOURCE_LIMITS } from './src/runner/job/input-limits.ts';
import { STATUSES } from './src/runner/job/status.ts';

/** The bounds by field of the start form. */
const START_LIMITS = {
  ...INPUT_LIMITS,
  ...DECIMAL_LIMITS,
  ...Object.fromEntries(Object.entries(RESOURCE_LIMITS).map(([name, limits]) => [`resources.${name}`, limits])),
  // The form has this field for a cluster only.
  'resources.timeLimitSeconds': [LEAST_CLUSTER_TIME, RESOURCE_LIMITS.timeLimitSeconds[1]],
};

/**
 * Generates types for the operations of the CLI and the page from `schema.graphql`: `npm run codegen`. Each program gets its own operations
 * and the fragments of `src/client/fragments`, which both use. The output is plain constants and types, which Node can run by stripping
 * types, and is not committed.
 *
 * `src/client/graphql/job-statuses.ts` and `start-limits.ts` pass the descriptors of the statuses and the bounds of a start on to both
 * programs, which import nothing from the server.
 */
const config: CodegenConfig = {
  schema: 'schema.graphql',
  importExtension: '.ts',
  generates: {
    'src/cli/graphql/': operationsOf('src/cli/**/*.ts', '!src/cli/graphql/**'),
    'src/monitor/graphql/': operationsOf('src/monitor/**/*.{ts,tsx}', '!src/monitor/graphql/**'),
    'src/client/graphql/job-statuses.ts': {
      plugins: [{ add: { content: `export const JOB_STATUSES = ${JSON.stringify(STATUSES, null, 2)} as const;` } }],
    },
    'src/client/graphql/start-limits.ts': {
      plugins: [{ add: { content: `export const START_LIMITS = ${JSON.stringify(START_LIMITS, null, 2)} as const;` } }],
    },
  },
};

function operationsOf(...documents: string[]): CodegenConfig['generates'][string] {
  return {
    documents: [...documents, 'src/client/fragments/*.graphql'],
    preset: 'client',
    presetConfig: { fragmentMasking: false },
    config: {
      documentMode: 'documentNode',
      enumsAsTypes: true,
      useTypeImports: true,
      strictScalars: true,
      defaultScalarType: 'unknown',
      scalars: { ID: 'string', DateTime: 'string', JSON: 'unknown', SafeInt: 'number' },
    },
  };
}

export default config;
