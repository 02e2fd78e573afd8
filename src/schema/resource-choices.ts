import { resourceRules } from '../resolvers/resource-rules.ts';
import type { ResourceRules } from '../runner/index.ts';
import { builder } from './builder.ts';

const ResourceChoicesRef = builder.objectRef<ResourceRules>('ResourceChoices').implement({
  description:
    'Names that `resources` of a start may have on this server. A field whose list is empty must be left out.',
  fields: (t) => {
    const names = (field: keyof ResourceRules['allowed']) =>
      t.stringList({
        description: `Allowed values of \`${field}\`.`,
        resolve: ({ allowed }) => [...(allowed[field] ?? [])],
      });
    return {
      isCluster: t.exposeBoolean('isCluster', {
        description: 'True if jobs run on the nodes of a cluster; otherwise they run on the machine of the server.',
      }),
      maxNodes: t.exposeInt('maxNodes', {
        description: 'Maximum value of `nodes`; only scripts train on several nodes.',
      }),
      partitions: names('partition'),
      accounts: names('account'),
      qos: names('qos'),
      constraints: names('constraint'),
      gpuTypes: names('gpuType'),
    };
  },
});

builder.queryField('resourceChoices', (t) =>
  t.field({
    type: ResourceChoicesRef,
    description: 'Fetches the names that `resources` of a start may have; the settings of the server list them.',
    resolve: (_root, _args, context) => resourceRules(context),
  }),
);
