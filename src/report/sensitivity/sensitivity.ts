import { z } from "zod";

const score = { accuracy: z.number(), loss: z.number() };

/**
 * How a net reacts if single layers are pruned or rounded, on held-out training images: what `qprune sensitivity` writes.
 * Accuracies are in percent, losses are mean cross-entropies.
 */
export const sensitivitySchema = z
  .object({
    format: z.literal("qprune-sensitivity"),
    model: z.string(),
    arch: z.string(),
    /** How channels were ranked. */
    importance: z.string(),
    images: z
      .object({
        dataSet: z.string(),
        count: z.int().positive(),
        /** Whether the training of the net held them out, as far as its history records. */
        wereHeldOut: z.boolean(),
      })
      .readonly(),
    whole: z.object(score).readonly(),
    /** Layers that are pruned together, at each share of their channels. */
    channels: z
      .array(
        z
          .object({
            names: z.array(z.string()).min(1).readonly(),
            total: z.int().positive(),
            points: z
              .array(
                z
                  .object({
                    share: z.number().positive().max(1),
                    kept: z.int().positive(),
                    ...score,
                  })
                  .readonly(),
              )
              .readonly(),
          })
          .readonly(),
      )
      .readonly(),
    /** Layers with their weights alone rounded to each number of bits. */
    bits: z
      .array(
        z
          .object({
            name: z.string(),
            points: z.array(z.object({ bits: z.int().positive(), ...score }).readonly()).readonly(),
          })
          .readonly(),
      )
      .readonly(),
  })
  .readonly();

export type Sensitivity = z.infer<typeof sensitivitySchema>;
