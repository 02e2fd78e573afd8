import { serverAudits } from 'graphql-http';
import { describe, expect, test } from 'vitest';
import { serve } from './support.ts';

/** The audits of the GraphQL-over-HTTP specification, as its authors publish them. */
describe('the official GraphQL-over-HTTP audit', () => {
  test.each(serverAudits({ url: 'http://not.used' }).map(({ id, name }, index) => [id, name, index] as const))(
    '%s: %s',
    async (_id, _name, index) => {
      const { url } = await serve();
      const audit = serverAudits({ url: `${url}/graphql` })[index];
      // `warn` is a SHOULD that is not followed: not good enough here.
      expect(await audit?.fn()).toMatchObject({ status: 'ok' });
    },
  );
});
