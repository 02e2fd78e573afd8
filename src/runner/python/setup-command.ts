import { sep } from 'node:path';

/** The command that creates the Python environment, for messages: differs between a checkout and the installed package. */
export const SETUP_COMMAND = import.meta.dirname.includes(`${sep}node_modules${sep}`) ? 'trainyard setup' : 'npm run setup';
