import { usageError } from "../base/errors.js";
import { option } from "../base/option-reference.js";
import type { DefinedArchitecture } from "./architectures/define-architecture.js";
import {
  type GraphArchitectureName,
  graphArchitectureNames,
  graphArchitectures,
} from "./architectures/graph-architectures.js";
import { builtInNets } from "./chains/built-in-chains.js";
import type { NetDescription } from "./chains/descriptions/chain-description.js";
import type { ReadGraphDescription } from "./descriptions/graph-description.js";
import { graphFromDescription } from "./descriptions/graph-from-description.js";

/** An architecture that is a chain of convolutions. */
export interface ChainArchitecture {
  readonly kind: "chain";
  readonly name: string;
  readonly description: NetDescription;
}

/** An architecture whose graph depends on the images, the classes and a factor of its widths. */
export interface GraphArchitecture extends DefinedArchitecture {
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

/** Side of the images of nets that were not designed for images of one size. */
const ANY_SIDE = 32;

/** The architecture that a file describes. @param where whose description it is, for messages */
export const describedArchitecture = (
  description: ReadGraphDescription,
  where: string,
): GraphArchitecture => ({
  kind: "graph",
  name: description.name,
  imageSide: ANY_SIDE,
  source: where,
  build: ({ classes, image, width = 1 }) => {
    if (width === 1) return graphFromDescription({ description, classes, image, where });
    throw usageError(
      `${where}: a described graph has the widths of its description.`,
      `Omit ${option("width")}, or change the numbers of filters in the description.`,
    );
  },
});

/** All built-in architectures, chains first. */
export const builtInArchitectures = (): Architecture[] => [
  ...Object.values(builtInNets).map(chainArchitecture),
  ...graphArchitectureNames.map(graphArchitecture),
];
