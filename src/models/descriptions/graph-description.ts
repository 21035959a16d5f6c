import type { z } from "zod";
import { MAX_NODES } from "../../graph/limits.js";
import { netNameSchema } from "../chains/chain-spec.js";
import { fields, listOf } from "./description-fields.js";
import { nodeDescriptionSchema } from "./node-descriptions.js";

/**
 * A net as people write it: a list of nodes, each of which reads the one before it unless it names its inputs. The last node
 * computes the logits. Images, classes and quantization are specified elsewhere.
 */
export const graphDescriptionSchema = fields({
  /** The net's `arch`, and the default name of its files. */
  name: netNameSchema,
  nodes: listOf(nodeDescriptionSchema, { name: "nodes", least: 1, most: MAX_NODES }),
});

/** A description that has been read. */
export type ReadGraphDescription = z.output<typeof graphDescriptionSchema>;
