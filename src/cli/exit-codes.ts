/** What the exit code of the process says. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  rowsFailed: 3,
  hungUp: 129,
  interrupted: 130,
  terminated: 143,
} as const;

/** The exit codes as every --help prints them. */
export const EXIT_CODES_HELP = `Exit codes:
  0    all rows done (or the reader of a pipe had enough)
  1    the run failed: input, transform or output
  2    wrong usage; nothing was done
  3    finished, and some rows failed: rejected or skipped
  130  interrupted with Ctrl-C      143  terminated      129  hung up`;
