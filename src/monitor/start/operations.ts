import { graphql } from '../graphql/index.ts';

export const StartOptionsDocument = graphql(`
  query StartOptions {
    trainers {
      ...TrainerDetail
    }
    datasets {
      name
      bytes
      format
      columns
      rows
      problem
      modifiedAt
    }
    resourceChoices {
      isCluster
      maxNodes
      partitions
      accounts
      qos
      constraints
      gpuTypes
    }
  }
`);

/** Jobs after which another one can start: those that have not ended. */
export const UnfinishedJobsDocument = graphql(`
  query UnfinishedJobs($statuses: [JobStatus!]!, $first: Int!) {
    jobs(first: $first, filter: { status: $statuses }) {
      edges {
        node {
          id
          name
          status
        }
      }
    }
  }
`);

export const StartDocument = graphql(`
  mutation StartJob($input: StartTrainingInput!) {
    startTraining(input: $input) {
      __typename
      ... on StartTrainingSuccess {
        job {
          id
        }
      }
      ... on InvalidInputError {
        path
      }
      ... on Error {
        message
      }
    }
  }
`);

export const FindTemplateDocument = graphql(`
  query FindTemplate($id: ID!) {
    job(id: $id) {
      ...JobTemplate
    }
  }
`);
