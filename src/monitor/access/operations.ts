import { graphql } from '../graphql/index.ts';

export const MeDocument = graphql(`
  query Me {
    me {
      name
      role
    }
  }
`);
