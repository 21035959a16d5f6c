/** Exit codes; after a signal, 128 plus its number. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  /** The same command may succeed later (EX_TEMPFAIL of sysexits.h). */
  tryAgain: 75,
  interrupted: 130,
  /** After qprune … | head. */
  closedPipe: 141,
  terminated: 143,
} as const;
