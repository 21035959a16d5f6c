/** What a program may pass to a workflow. */
export interface ProgramContext<Event> {
  /** When aborted, the workflow saves its state and stops. */
  readonly signal?: AbortSignal | undefined;
  /** Called with the events of the workflow: steps, epochs, notices. */
  readonly onEvent?: ((event: Event) => void) | undefined;
}

/** A workflow context with the clock and the environment variables of this process. */
export const processContext = <Event>({ signal, onEvent }: ProgramContext<Event>) => ({
  signal: signal ?? new AbortController().signal,
  onEvent: onEvent ?? (() => {}),
  now: () => performance.now(),
  env: process.env,
});
