import type { Graph, ValueId } from "../../graph/graph.js";
import { createGraphBuilder, type GraphBuilder } from "../../graph/graph-builder.js";
import type { ImageShape } from "../../graph/graph-draft.js";
import type { Preprocessing } from "./preprocessing.js";
import type { PublishedWeights } from "./published-weights.js";

/** What a net of an architecture is made for. */
export interface ArchitectureOptions {
  readonly classes: number;
  readonly image: ImageShape;
  /** Factor on the numbers of channels; 1 by default. */
  readonly width?: number;
}

/** A family member that builds graphs with the state-dict names of its source. */
export interface DefinedArchitecture {
  /**
   * Its graph for given images and classes.
   * @throws QpruneError (usage) if the images are too small, or the net exceeds the limits.
   */
  readonly build: (options: ArchitectureOptions) => Graph;
  /** Pixels of each side of the images for which it was designed. */
  readonly imageSide: number;
  /** The paper, and the program whose state-dict names it has. */
  readonly source: string;
  /** Of published weights; absent if there are none. */
  readonly preprocessing?: Preprocessing;
  /** The published weights themselves; absent if there are none. */
  readonly weights?: PublishedWeights;
}

/** What a family gets to build a net: a builder, and the factor of its channels. */
export interface Canvas {
  readonly g: GraphBuilder;
  readonly classes: number;
  readonly width: number;
}

/** An architecture from a function that adds its nodes and returns the logits. */
export const defineArchitecture = (
  facts: Omit<DefinedArchitecture, "build"> & { readonly name: string },
  draw: (canvas: Canvas) => ValueId,
): DefinedArchitecture => {
  const { name, ...rest } = facts;
  return {
    ...rest,
    build: ({ classes, image, width = 1 }) => {
      const side = facts.imageSide;
      const g = createGraphBuilder(image, {
        where: `${name} for images of ${image.height}x${image.width}`,
        error: {
          kind: "usage",
          hint: `Use images of another size or a smaller width; ${name} was designed for ${side}x${side} pixels.`,
        },
      });
      return g.finish(draw({ g, classes, width }));
    },
  };
};
