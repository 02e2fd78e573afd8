import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import ts from 'typescript-eslint';

export default defineConfig(
  globalIgnores([
    '**/.venv/',
    'artifacts/',
    'models/',
    'datasets/',
    'dist/',
    'test-results/',
    'src/*/graphql/',
    'src/monitor/public/',
  ]),
  js.configs.recommended,
  {
    // Node's globals; the type checker does not read these files.
    files: ['bench/**/*.js'],
    rules: { 'no-undef': 'off' },
  },
  {
    files: ['**/*.{ts,tsx}'],
    extends: [ts.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      // Factories return closures: there is no `this` to lose.
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
    },
  },
  {
    // Code that is specific to a kind of machine stays in its launcher (.dependency-cruiser.js restricts `node:child_process` the same
    // way).
    files: ['src/runner/**/*.ts'],
    ignores: ['src/runner/launchers/local/**'],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'kill', message: 'Only src/runner/launchers/local sends signals.' },
      ],
      'no-restricted-syntax': [
        'error',
        {
          selector: ':matches(Literal[value=/^\\u002Fproc\\b/], TemplateElement[value.raw=/^\\u002Fproc\\b/])',
          message: 'Only src/runner/launchers/local reads /proc.',
        },
      ],
    },
  },
  {
    // The rules of a job get the time and every other fact as arguments, so that tables and properties can test them.
    files: ['src/runner/job/**/*.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: 'src/runner/job has no clock: take the time as an argument.' },
        {
          object: 'Math',
          property: 'random',
          message: 'src/runner/job is pure: take the random value as an argument.',
        },
      ],
      'no-restricted-globals': [
        'error',
        'process',
        'performance',
        'fetch',
        'setTimeout',
        'setInterval',
        'setImmediate',
      ],
    },
  },
);
