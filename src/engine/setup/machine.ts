import { findHome, type UserPlace } from "../../files/user-cache.js";

/** What of the running machine the engine depends on; handed in so that tests can stand in for it. */
export interface Machine extends UserPlace {
  readonly platform: string;
  readonly arch: string;
}

/** The running machine. */
export const thisMachine = (): Machine => ({
  platform: process.platform,
  arch: process.arch,
  env: process.env,
  homeFolder: findHome(),
});
