import type { Quantization } from "../quant/quantization.js";
import { checkSpec } from "./check-spec.js";
import type { NetDescription } from "./net-description.js";
import { readDescription } from "./read-description.js";
import type { NetSpec } from "./spec.js";
import { checkWidths, widthBase } from "./widths.js";

/** What a net's spec needs beside its chain. */
export interface SpecOptions {
  /** Widths of all convolutions but the last; the description's own where absent. */
  readonly widths?: readonly number[];
  readonly classes: number;
  readonly input: NetSpec["input"];
  readonly sequence: NetSpec["sequence"];
  readonly quantization: Quantization;
  /** Weight of the new batch in the running statistics of the inner norms. */
  readonly blockNewStatWeight?: number;
  /** Whether the inner gammas are 1 and stay. */
  readonly isGammaFixed?: boolean;
}

export interface DescribedSpecOptions extends SpecOptions {
  readonly description: NetDescription;
}

/** PyTorch's default, which the original keeps. */
export const DEFAULT_NEW_STAT_WEIGHT = 0.1;

/** The widths that a description itself gives: those of all convolutions but the last. */
export const defaultWidths = ({ convs }: NetDescription): number[] =>
  convs.flatMap(({ width }) => width ?? []);

/**
 * The default widths times a factor, each rounded to the nearest number of channels that the groups
 * and shuffles on both sides divide (at least one such number).
 */
export const scaledWidths = (description: NetDescription, factor: number): number[] => {
  const { convs } = readDescription(description);
  return defaultWidths(description).map((width, at) => {
    const base = widthBase(convs, at);
    return Math.max(1, Math.round((width * factor) / base)) * base;
  });
};

/**
 * The spec of a described net, of which only the widths are checked: whether images of any size pass
 * through is left open.
 * @throws QpruneError (usage) as {@link specFromDescription}, but for what does not fit together.
 */
export const assembleSpec = (options: DescribedSpecOptions): NetSpec => {
  const { classes, input, sequence, quantization } = options;
  const { name, order, norm, convs } = readDescription(options.description);
  if (options.widths) checkWidths(name, convs, options.widths);
  const widths = options.widths ?? defaultWidths({ name, convs });
  return {
    arch: name,
    sequence,
    input,
    classes,
    convs: convs.map((conv, at) => ({ ...conv, width: widths[at] ?? classes })),
    quantization,
    order,
    form: "trainable",
    norm: {
      ...norm,
      newStatWeight: DEFAULT_NEW_STAT_WEIGHT,
      blockNewStatWeight: options.blockNewStatWeight ?? DEFAULT_NEW_STAT_WEIGHT,
      isGammaFixed: options.isGammaFixed ?? false,
    },
  };
};

/**
 * The spec of a net that is described as people write it (see docs/own-nets.md); built-in nets are such
 * descriptions too. Example: a description { name: "two", convs: [{ width: 8, kernel: 3 }, { kernel: 1 }] }
 * with images of 32x32x3 and 10 classes gives convolutions of 3 -> 8 -> 10 channels.
 * @throws QpruneError (usage) naming the field that is wrong, the widths that do not fit the groups, or
 * the convolution (counted from 0) that does not fit its neighbours or the images.
 */
export const specFromDescription = (options: DescribedSpecOptions): NetSpec => {
  const spec = assembleSpec(options);
  checkSpec(spec, spec.arch, {
    kind: "usage",
    hint: "Mend the description or the widths of the net; docs/own-nets.md has the rules.",
  });
  return spec;
};
