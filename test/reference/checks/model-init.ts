import { netState } from "../../../src/checkpoint/tensors/net-state.js";
import { below } from "../compare.js";
import type { Check } from "./check.js";
import { netOfInit } from "./model-case.js";

/** A state dict goes into the net and comes out with the same names, order, shapes, types and bytes. */
export const checkModelInit: Check = async (input) => {
  const { fixture, tensors, findings } = input;
  const net = await netOfInit(input, fixture.name);
  const expected = below(tensors, "state.");
  const actual = netState(net);
  net.dispose();
  const sorted = (names: Iterable<string>): string => [...names].sort().join(" ");
  findings.claim("names differ", sorted(actual.keys()) === sorted(expected.keys()));
  for (const [name, tensor] of expected) {
    const ours = actual.get(name);
    findings.claim(
      `${name}: shape or type differs`,
      String([ours?.shape, ours?.dtype]) === String([tensor.shape, tensor.dtype]),
    );
    findings.claim(
      `${name}: bytes differ`,
      Buffer.from(ours?.data ?? []).equals(Buffer.from(tensor.data)),
    );
  }
};
