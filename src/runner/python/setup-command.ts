import { sep } from 'node:path';

/** What to type to make the Python environment, for sentences that say what to do: in a checkout, or with the installed package. */
export const SETUP_COMMAND = import.meta.dirname.includes(`${sep}node_modules${sep}`) ? 'trainyard setup' : 'npm run setup';
