/** What the exit code of a command tells. Interrupted by a signal it is 128 and the signal's number, as in shells. */
export const EXIT = {
  /** All is well; of a job that was waited for: it is COMPLETED. */
  FINE: 0,
  /** The command failed, or the server refused. */
  FAILED: 1,
  /** The command line is wrong, or the server takes none of its values. */
  WRONG_USE: 2,
  /** The job that was waited for ended as ERROR. */
  JOB_FAILED: 3,
  /** The job that was waited for ended as STOPPED. */
  JOB_STOPPED: 4,
  /** No server answers. */
  UNREACHABLE: 5,
  /** The server wants another token. */
  NOT_ALLOWED: 6,
} as const;

/** The end of the help page. */
export const EXIT_CODES_HELP = `Exit codes:
  0  all is well; of a job that was waited for: COMPLETED
  1  the command failed, or the server refused
  2  the command line is wrong, or the server takes none of its values
  3  the job that was waited for ended as ERROR
  4  the job that was waited for was STOPPED
  5  no server answers
  6  the server wants another token
  130  Ctrl-C`;
