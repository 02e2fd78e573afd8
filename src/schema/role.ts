import type { Role } from '../runner/index.ts';
import { builder } from './builder.ts';

export const RoleEnum = builder.enumType('Role', {
  description: 'The rights of a user.',
  values: {
    VIEWER: { value: 'viewer', description: 'Reads everything except the audit log.' },
    OPERATOR: { value: 'operator', description: 'Also starts jobs, and stops, resumes, edits and deletes its own.' },
    ADMIN: { value: 'admin', description: 'May do everything. A client of a server without tokens is an admin.' },
  } as const satisfies Record<string, { value: Role; description: string }>,
});
