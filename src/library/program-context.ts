/** What a program may hand to a workflow. */
export interface ProgramContext<Event> {
  /** Stops the workflow in good order when it is aborted. */
  readonly signal?: AbortSignal | undefined;
  /** Receives what happens while the workflow runs: steps, epochs, notices. Without it nothing is reported. */
  readonly onEvent?: ((event: Event) => void) | undefined;
}

/** The world of this process, as workflows take it. */
export const processContext = <Event>({ signal, onEvent }: ProgramContext<Event>) => ({
  signal: signal ?? new AbortController().signal,
  onEvent: onEvent ?? (() => {}),
  now: () => performance.now(),
  env: process.env,
});
