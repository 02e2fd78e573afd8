/** The operations that read the logs and the output files of jobs. */
import { graphql } from '../../graphql/index.ts';

export const READ_LOG = graphql(`
  query ReadLog($id: ID!, $last: Int) {
    job(id: $id) {
      log(last: $last) {
        lines {
          at
          stream
          text
        }
      }
    }
  }
`);

export const FOLLOW_LOG = graphql(`
  subscription FollowLog($id: ID!, $last: Int, $after: String) {
    jobLog(id: $id, last: $last, after: $after) {
      ...LogLines
    }
  }
`);

export const LIST_FILES = graphql(`
  query ListFiles($id: ID!, $after: String) {
    job(id: $id) {
      files(first: 200, after: $after) {
        ...FilePage
      }
    }
  }
`);
