import { existsSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { BUGS, PLANTED_BUG, type BugName } from './bugs.ts';

/**
 * The query that marks the module itself. Without it, an import gets a module in front that replaces one export and passes the others
 * on.
 */
const SOUND = '?sound';

const name = process.env[PLANTED_BUG];
if (name !== undefined) plant(name as BugName);

function plant(name: BugName): void {
  const { module, replaces } = BUGS[name];
  if (!existsSync(module)) throw new Error(`The bug ${name} cannot be planted: there is no file ${module.pathname}.`);
  const [sound, bugs, bug] = [`${module.href}${SOUND}`, import.meta.resolve('./bugs.ts'), name].map((text) =>
    JSON.stringify(text),
  );
  registerHooks({
    load(url, context, nextLoad) {
      if (url !== module.href) return nextLoad(url, context);
      // An export of the module itself has precedence over one of `export *`.
      const source = `
        import * as sound from ${sound};
        import { breakExport } from ${bugs};
        export * from ${sound};
        export const ${replaces} = breakExport(${bug}, sound);
      `;
      return { format: 'module', source, shortCircuit: true };
    },
  });
}
