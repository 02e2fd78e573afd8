/**
 * Operations that GraphiQL shows, one per tab, in the order in which a new user would try them. They have no variables, so that
 * each value is edited where it is used. The page replaces `LAST_JOB` with the id of the job that the first one started.
 */
export const EXAMPLES: readonly string[] = [
  `# 1. Start a training on the bundled sample.
# It takes minutes: watch and stop it in the next tabs.
mutation Start {
  startTraining(input: { name: "first try", epochs: 50000, options: { patience: 0 } }) {
    ... on StartTrainingSuccess {
      job {
        id
        status
      }
    }
    ... on Error {
      __typename
      message
    }
  }
}
`,
  `# 2. Watch it live. LAST_JOB is the job that you
# started last in this tab; you can write another id.
subscription Watch {
  jobProgress(id: "LAST_JOB") {
    status
    percent
    epoch
    step
    loss
    metrics
    message
    etaSeconds
  }
}
`,
  `# 3. Stop it: it saves a checkpoint and exits.
mutation Stop {
  stopTraining(input: { id: "LAST_JOB" }) {
    ... on StopTrainingSuccess {
      job {
        id
        status
      }
    }
    ... on Error {
      __typename
      message
    }
  }
}
`,
  `# 4. List the newest jobs.
query List {
  jobs(first: 20) {
    totalCount
    edges {
      node {
        id
        name
        status
        dataset
        createdAt
        progress {
          percent
          loss
        }
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
`,
  `# 5. Inspect one job: metrics, log, checkpoint and failure.
query Inspect {
  job(id: "LAST_JOB") {
    id
    status
    simulation
    startedAt
    finishedAt
    metrics(maxPoints: 100) {
      name
      best {
        step
        value
      }
      points {
        step
        value
      }
    }
    log(last: 20) {
      lines {
        text
      }
    }
    checkpoint {
      path
      bytes
      safetensorsPath
    }
    failure {
      reason
      message
      lastLogLines
    }
  }
}
`,
];
