import type { Findings, Tensors } from "../compare.js";
import type { FixtureCase, Fixtures } from "../fixtures.js";

/** What a check is given. */
export interface CheckInput {
  readonly fixture: FixtureCase;
  readonly tensors: Tensors;
  readonly fixtures: Fixtures;
  readonly findings: Findings;
}

/** Compares one case with what the product computes. */
export type Check = (input: CheckInput) => Promise<void> | void;
