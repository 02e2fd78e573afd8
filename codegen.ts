import type { CodegenConfig } from '@graphql-codegen/cli';

/**
 * Types the operations of the programs that speak to the API, from `schema.graphql`: `npm run codegen`. What is generated is
 * plain constants and types, so that Node can strip them, and is not committed.
 */
const config: CodegenConfig = {
  schema: 'schema.graphql',
  importExtension: '.ts',
  generates: {
    'src/cli/graphql/': operationsOf('src/cli/**/*.ts', '!src/cli/graphql/**'),
    'src/monitor/graphql/': operationsOf('src/monitor/**/*.{ts,tsx}', '!src/monitor/graphql/**'),
  },
};

function operationsOf(...documents: string[]): CodegenConfig['generates'][string] {
  return {
    documents,
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
