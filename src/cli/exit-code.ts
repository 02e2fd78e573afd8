/** Exit codes of the command. After a signal the exit code is 128 plus the signal number, as in shells. */
export const EXIT = {
  /** Success; for a watched job: COMPLETED. */
  SUCCESS: 0,
  /** The command failed, or the server rejected it. */
  FAILED: 1,
  /** The command line is wrong, or the server rejected a value. */
  USAGE: 2,
  /** The watched job ended as ERROR. */
  JOB_FAILED: 3,
  /** The watched job ended as STOPPED. */
  JOB_STOPPED: 4,
  /** No server responds. */
  UNREACHABLE: 5,
  /** Authentication failed. */
  UNAUTHENTICATED: 6,
} as const;

/** The end of the help page. */
export const EXIT_CODES_HELP = `Exit codes:
  0  success; for a watched job: COMPLETED
  1  the command failed, or the server rejected it
  2  the command line is wrong, or the server rejected a value
  3  the watched job ended as ERROR
  4  the watched job ended as STOPPED
  5  no server responds
  6  authentication failed
  130  Ctrl-C`;
