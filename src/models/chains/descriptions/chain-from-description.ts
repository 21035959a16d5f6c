import type { Quantization } from "../../../graph/quantizers.js";
import type { ChainSpec } from "../chain-spec.js";
import { checkSpec } from "../check-chain.js";
import { checkWidths, widthBase } from "../widths.js";
import type { NetDescription } from "./chain-description.js";
import { readDescription } from "./read-chain-description.js";

/** What a net's spec needs besides its chain. */
export interface SpecOptions {
  /** Widths of all convolutions except the last; by default those of the description. */
  readonly widths?: readonly number[];
  readonly classes: number;
  readonly input: ChainSpec["input"];
  readonly sequence: ChainSpec["sequence"];
  readonly quantization: Quantization;
  /** Weight of the new batch in the running statistics of the inner norms. */
  readonly blockNewStatWeight?: number;
  /** Whether the inner gammas are fixed at 1. */
  readonly isGammaFixed?: boolean;
}

export interface DescribedSpecOptions extends SpecOptions {
  readonly description: NetDescription;
}

/** PyTorch's default, which the reference scripts keep. */
export const DEFAULT_NEW_STAT_WEIGHT = 0.1;

/** The widths in a description: those of all convolutions except the last. */
export const defaultWidths = ({ convs }: NetDescription): number[] =>
  convs.flatMap(({ width }) => width ?? []);

/**
 * The default widths times a factor, each rounded to the nearest number of channels (at least one) that the groups and
 * shuffles on both sides divide.
 */
export const scaledWidths = (description: NetDescription, factor: number): number[] => {
  const { convs } = readDescription(description);
  return defaultWidths(description).map((width, index) => {
    const base = widthBase(convs, index);
    return Math.max(1, Math.round((width * factor) / base)) * base;
  });
};

/**
 * Assembles the spec of a described net and checks only the widths, not whether images of any size pass through.
 * @throws QpruneError (usage) like {@link specFromDescription}, except for inconsistent chains.
 */
export const assembleSpec = (options: DescribedSpecOptions): ChainSpec => {
  const { classes, input, sequence, quantization } = options;
  const { name, order, norm, convs } = readDescription(options.description);
  if (options.widths) checkWidths(name, convs, options.widths);
  const widths = options.widths ?? defaultWidths({ name, convs });
  return {
    arch: name,
    sequence,
    input,
    classes,
    convs: convs.map((conv, index) => ({ ...conv, width: widths[index] ?? classes })),
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
 * The spec of a net described as in docs/custom-architectures.md; built-in nets are such descriptions, too.
 * Example: the description { name: "two", convs: [{ width: 8, kernel: 3 }, { kernel: 1 }] } with images of 32x32x3 and 10
 * classes yields convolutions 3 -> 8 -> 10.
 * @throws QpruneError (usage) that names the wrong field, the widths that do not fit the groups, or the convolution (counted
 * from 0) that does not fit its neighbors or the images.
 */
export const specFromDescription = (options: DescribedSpecOptions): ChainSpec => {
  const spec = assembleSpec(options);
  checkSpec(spec, spec.arch, {
    kind: "usage",
    hint: "Correct the description or the widths of the net; docs/custom-architectures.md has the rules.",
  });
  return spec;
};
