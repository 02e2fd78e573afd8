import { graphql } from '../graphql/index.ts';

export const FilesDocument = graphql(`
  query FilesOfJob($id: ID!, $after: String) {
    job(id: $id) {
      files(first: 50, after: $after) {
        ...FilePage
      }
    }
  }
`);

export const ProvenanceDocument = graphql(`
  query ProvenanceOfJob($id: ID!) {
    job(id: $id) {
      provenance {
        script {
          name
          sha256
          source
          isComplete
        }
        arguments
        git {
          commit
          branch
          dirty
        }
        pythonVersion
        packages {
          name
          version
        }
        host {
          name
          system
          machine
          cpus
        }
      }
    }
  }
`);

export const StopDocument = graphql(`
  mutation StopJob($id: ID!) {
    stopTraining(input: { id: $id }) {
      __typename
      ... on Error {
        message
      }
    }
  }
`);

export const ResumeDocument = graphql(`
  mutation ResumeJob($id: ID!, $epochs: Int) {
    resumeTraining(input: { id: $id, epochs: $epochs }) {
      __typename
      ... on Error {
        message
      }
    }
  }
`);

export const UpdateDocument = graphql(`
  mutation UpdateJob($input: UpdateJobInput!) {
    updateJob(input: $input) {
      __typename
      ... on Error {
        message
      }
    }
  }
`);

export const LogDocument = graphql(`
  subscription LogOfJob($id: ID!, $last: Int, $after: String) {
    jobLog(id: $id, last: $last, after: $after) {
      ...LogLines
    }
  }
`);
