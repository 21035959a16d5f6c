import type { Graph } from "../graph/graph.js";
import type { MapShape } from "../graph/shape.js";
import type { NetDescription } from "./net-description.js";

/** What the graph of an architecture depends on. */
export interface GraphOptions {
  readonly classes: number;
  readonly image: MapShape;
  /** Factor of all widths. */
  readonly width: number;
}

/** An architecture whose graph depends on the images, the classes and a factor of its widths. */
export interface GraphArchitecture {
  readonly kind: "graph";
  readonly name: string;
  /** @throws QpruneError (usage) if the images are too small. */
  readonly build: (options: GraphOptions) => Graph;
  /** Side of the images for which it was designed. */
  readonly imageSize: number;
}

/** A net to build: a chain of convolutions, or a graph. */
export type Architecture =
  | { readonly kind: "chain"; readonly name: string; readonly description: NetDescription }
  | GraphArchitecture;

export const chainArchitecture = (description: NetDescription): Architecture => ({
  kind: "chain",
  name: description.name,
  description,
});
