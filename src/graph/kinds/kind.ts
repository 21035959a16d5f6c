import { z } from "zod";
import type { ChannelRelation } from "../channel-relation.js";
import type { Shape } from "../shape.js";

/** Longest name of a node or value. */
const MAX_NAME_LENGTH = 200;

/** A name of a node, which is also the prefix of its tensors in a state dict. */
export const nodeName = z
  .string()
  .regex(
    new RegExp(`^[A-Za-z0-9_./-]{1,${MAX_NAME_LENGTH}}$`),
    `a name has 1 to ${MAX_NAME_LENGTH} letters, digits, and characters of _ . / -`,
  );

/** A value: the name of a graph's input, of a node with one output, or `NAME:INDEX` for one of several outputs. */
export const valueId = z
  .string()
  .regex(
    new RegExp(`^[A-Za-z0-9_./-]{1,${MAX_NAME_LENGTH}}(:\\d{1,4})?$`),
    "a value is the name of an input or node, or NAME:INDEX for one of several outputs",
  );

/** The fields that every node has. */
export const nodeFields = { name: nodeName, inputs: z.array(valueId).readonly() };

export const count = z.int().positive();

/** What a tensor of a node is for. Training changes kernels, biases, gammas, betas, slopes, ranges, and scales and thresholds. */
export type ParameterRole =
  | "kernel"
  | "bias"
  | "gamma"
  | "beta"
  | "slope"
  | "range"
  | "observed"
  | "mean"
  | "variance"
  | "counter"
  | "kernelScale"
  | "scale"
  | "threshold";

/** A tensor of a node in a state dict. */
export interface ParameterFacts {
  /** Its name after the node's name and a dot. */
  readonly suffix: string;
  /** In PyTorch's order. */
  readonly shape: readonly number[];
  readonly role: ParameterRole;
  /** Whether files may lack it. */
  readonly isOptional?: boolean;
}

const TRAINED: ReadonlySet<ParameterRole> = new Set([
  "kernel",
  "bias",
  "gamma",
  "beta",
  "slope",
  "range",
  "scale",
  "threshold",
]);

export const isTrained = ({ role }: ParameterFacts): boolean => TRAINED.has(role);

/** Everything that is true of a kind of node, whoever asks. */
export interface KindFacts<N> {
  /** The attributes, for nodes that come from outside. */
  readonly schema: z.ZodType<N>;
  /** The least and the most inputs. */
  readonly arity: readonly [least: number, most: number];
  /** The number of outputs; 1 if absent. */
  readonly outputs?: (node: N) => number;
  /** The shapes of its outputs, or the problem with its attributes or inputs, as the end of a sentence about the node. */
  readonly outputShapes: (node: N, inputs: readonly Shape[]) => readonly Shape[] | string;
  /** How the channels of its outputs follow from those of its inputs. */
  readonly channels: (
    node: N,
    inputs: readonly Shape[],
    outputs: readonly Shape[],
  ) => ChannelRelation;
  /** Its tensors, in PyTorch's order; none if absent. */
  readonly parameters?: (node: N, inputs: readonly Shape[]) => readonly ParameterFacts[];
  /** Multiply-accumulate operations for one image; 0 if absent. */
  readonly macs?: (node: N, inputs: readonly Shape[], outputs: readonly Shape[]) => number;
}

/** Defines a kind of node; its type follows from the schema. */
export const defineKind = <N>(facts: KindFacts<N>): KindFacts<N> => facts;
