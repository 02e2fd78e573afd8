/** Times of some jobs that a client has started and followed, ms. */
export interface Followed {
  /** From the request of each job to the first message of its program. */
  readonly firsts: readonly number[];
  /** From each message of a program to its arrival. */
  readonly delays: readonly number[];
}
