import type { Architecture as GraphFamilyMember } from "./architectures/architecture.js";
import {
  type GraphArchitectureName,
  graphArchitectureNames,
  graphArchitectures,
} from "./architectures/graph-architectures.js";
import { builtInNets } from "./built-in-nets.js";
import type { NetDescription } from "./net-description.js";

/** An architecture that is a chain of convolutions. */
export interface ChainArchitecture {
  readonly kind: "chain";
  readonly name: string;
  readonly description: NetDescription;
}

/** An architecture whose graph depends on the images, the classes and a factor of its widths. */
export interface GraphArchitecture extends GraphFamilyMember {
  readonly kind: "graph";
  readonly name: string;
}

export type Architecture = ChainArchitecture | GraphArchitecture;

export const chainArchitecture = (description: NetDescription): ChainArchitecture => ({
  kind: "chain",
  name: description.name,
  description,
});

export const graphArchitecture = (name: GraphArchitectureName): GraphArchitecture => ({
  kind: "graph",
  name,
  ...graphArchitectures[name],
});

/** All built-in architectures, chains first. */
export const builtInArchitectures = (): Architecture[] => [
  ...Object.values(builtInNets).map(chainArchitecture),
  ...graphArchitectureNames.map(graphArchitecture),
];
