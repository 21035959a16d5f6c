/** The reason why a workflow with a time limit was stopped. */
export class TimeLimitReached extends Error {
  constructor() {
    super("The time limit is reached.");
  }
}
