/** The operations that read metrics. */
import { graphql } from '../../graphql/index.ts';

export const READ_METRICS = graphql(`
  query ReadMetrics($id: ID!, $names: [String!], $fromStep: SafeInt, $toStep: SafeInt, $maxPoints: Int) {
    job(id: $id) {
      metrics(names: $names, fromStep: $fromStep, toStep: $toStep, maxPoints: $maxPoints) {
        name
        totalPoints
        sampled
        stepsGoBack
        latest {
          step
          value
          nonFinite
        }
        best {
          step
          value
        }
        points {
          step
          value
          nonFinite
          at
        }
      }
    }
  }
`);

export const COUNT_POINTS = graphql(`
  query CountPoints($id: ID!, $names: [String!], $fromStep: SafeInt, $toStep: SafeInt) {
    job(id: $id) {
      metrics(names: $names, fromStep: $fromStep, toStep: $toStep) {
        name
        totalPoints
        latest {
          step
        }
      }
    }
  }
`);
