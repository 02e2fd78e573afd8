/** The operations that list trainers. */
import { graphql } from '../../graphql/index.ts';

export const LIST_TRAINERS = graphql(`
  query ListTrainers {
    trainers {
      ...TrainerDetail
    }
  }
`);

export const READ_TRAINERS = graphql(`
  query ReadTrainers {
    trainers {
      name
      source
      available
      backends
      unavailableReason
    }
  }
`);
