import { homedir } from "node:os";

/** What of the running machine the engine depends on; handed in so that tests can stand in for it. */
export interface Machine {
  readonly platform: string;
  readonly arch: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly homeFolder: string;
}

/** The running machine. */
export const thisMachine = (): Machine => ({
  platform: process.platform,
  arch: process.arch,
  env: process.env,
  homeFolder: homedir(),
});
