import { findHome, type UserPlace } from "../../files/user-cache.js";

/** The properties of a machine that the engine depends on; an argument, so that tests can replace it. */
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
