import { listAudit } from '../resolvers/list-audit.ts';
import { DEFAULT_PAGE } from '../resolvers/page.ts';
import type { AuditEntry, AuditOutcome } from '../runner/index.ts';
import { builder } from './builder.ts';
import { RoleEnum } from './role.ts';

const AuditOutcomeEnum = builder.enumType('AuditOutcome', {
  description: 'The result of an action in the audit log.',
  values: {
    SUCCEEDED: { description: 'The action succeeded.' },
    FAILED: { description: 'The role allows the action, and it failed.' },
    REFUSED: { description: 'The role does not allow the action.' },
  } as const satisfies Record<AuditOutcome, object>,
});

const AuditEntryRef = builder.objectRef<AuditEntry>('AuditEntry').implement({
  description: 'A change that a user made, or tried to make.',
  fields: (t) => ({
    id: t.id({ description: 'Unique in the audit log; rises with time.', resolve: ({ number }) => String(number) }),
    at: t.expose('at', { type: 'DateTime', description: 'Time of the action.' }),
    user: t.exposeString('user', { nullable: true, description: 'Name of the token; null without tokens.' }),
    role: t.expose('role', { type: RoleEnum, description: 'Role of the user at that time.' }),
    action: t.exposeString('action', { description: 'Name of the mutation, or `uploadDataset`.' }),
    targets: t.stringList({
      description: 'Ids of jobs or webhook deliveries, or the name of a dataset; the first 1,000.',
      resolve: ({ targets }) => [...targets],
    }),
    address: t.exposeString('address', { description: 'Network address of the client, or of its proxy.' }),
    requestId: t.exposeString('requestId', {
      description: 'The `X-Request-Id` of the request, or of its WebSocket; also in the server log.',
    }),
    outcome: t.expose('outcome', { type: AuditOutcomeEnum, description: 'Result of the action.' }),
    code: t.exposeString('code', {
      nullable: true,
      description: 'Error code, for example `QUEUE_FULL`; null after a success.',
    }),
  }),
});

builder.queryField('auditLog', (t) =>
  t.connection(
    {
      type: AuditEntryRef,
      description: 'Fetches a page of the audit log, newest entry first. Requires the role ADMIN.',
      authScopes: { admin: true },
      complexity: ({ first, last }) => ({ field: 5, multiplier: first ?? last ?? DEFAULT_PAGE }),
      resolve: (_root, args, context) => listAudit(context, args),
    },
    { name: 'AuditConnection', description: 'A page of the audit log.' },
    { name: 'AuditEdge', description: 'An entry on a page.' },
  ),
);
