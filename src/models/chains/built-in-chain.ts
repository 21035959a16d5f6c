import { builtInNets } from "./built-in-chains.js";
import type { ChainSpec } from "./chain-spec.js";
import { type SpecOptions, specFromDescription } from "./descriptions/chain-from-description.js";

export type ArchitectureName = keyof typeof builtInNets;
export const architectureNames = Object.keys(builtInNets) as ArchitectureName[];

export const isArchitectureName = (name: string): name is ArchitectureName =>
  Object.hasOwn(builtInNets, name);

export interface BuiltInOptions extends SpecOptions {
  readonly arch: ArchitectureName;
}

/**
 * The spec of a built-in net by its name.
 * @throws QpruneError (usage) if the number of widths is wrong, the groups do not divide them, or the images are too small.
 */
export const builtInSpec = ({ arch, ...options }: BuiltInOptions): ChainSpec =>
  specFromDescription({ ...options, description: builtInNets[arch] });
