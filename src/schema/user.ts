import { currentUser, type User } from '../resolvers/current-user.ts';
import { builder } from './builder.ts';
import { RoleEnum } from './role.ts';

const UserRef = builder.objectRef<User>('User').implement({
  description: 'A user of this server.',
  fields: (t) => ({
    name: t.exposeString('name', {
      description: 'Name in the tokens file, or in a claim of a JWT; `Job.startedBy` of the jobs that the user starts.',
    }),
    role: t.expose('role', { type: RoleEnum, description: 'Rights of the user.' }),
  }),
});

builder.queryField('me', (t) =>
  t.field({
    type: UserRef,
    nullable: true,
    description:
      'Fetches the user whose access token the request has; null on a server without tokens, whose clients may do everything.',
    resolve: (_root, _args, context) => currentUser(context),
  }),
);
