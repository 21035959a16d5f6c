import { z } from "zod";
import { fromBase64, toBase64 } from "../../base/base64.js";
import { QpruneError } from "../../base/errors.js";
import type { Graph, NodeOf } from "../../graph/graph.js";
import { isWeighted } from "../../graph/stored-form.js";
import { sequenceNames } from "../../models/chains/chain-spec.js";
import type { Net } from "../../models/net.js";
import { tf } from "../../tensor/tf.js";
import { fromOihw, type KernelShape, toOihw } from "./kernel-layout.js";

const CODES_PER_BYTE = 4;
const BITS_PER_CODE = 2;
const CODE_MASK = 0b11;

/** Codes by kernel name, packed and base64-encoded. */
export type PackedCodes = Readonly<Record<string, string>>;

/**
 * Packs the codes -1, 0, 1 as 0, 1, 2 into 2 bits each, the first code in the lowest bits of a byte.
 * Example: -1 0 1 1 is 0b10_10_01_00.
 */
const packCodes = (codes: ArrayLike<number>): Uint8Array => {
  const bytes = new Uint8Array(Math.ceil(codes.length / CODES_PER_BYTE));
  for (let index = 0; index < codes.length; index++) {
    const shift = (index % CODES_PER_BYTE) * BITS_PER_CODE;
    const byte = Math.floor(index / CODES_PER_BYTE);
    bytes[byte] = (bytes[byte] as number) | (((codes[index] as number) + 1) << shift);
  }
  return bytes;
};

/** The inverse of {@link packCodes}. @throws QpruneError if there are not `count` codes, or one is not -1, 0 or 1. */
const unpackCodes = (bytes: Uint8Array, count: number, name: string): Float32Array => {
  if (bytes.length !== Math.ceil(count / CODES_PER_BYTE)) {
    throw new QpruneError(
      `${name}: ${count} ternary codes take ${Math.ceil(count / CODES_PER_BYTE)} bytes, not ${bytes.length}.`,
    );
  }
  return Float32Array.from({ length: count }, (_, index) => {
    const shift = (index % CODES_PER_BYTE) * BITS_PER_CODE;
    const code = ((bytes[Math.floor(index / CODES_PER_BYTE)] as number) >> shift) & CODE_MASK;
    if (code === CODE_MASK) throw new QpruneError(`${name}: ternary code ${index} is damaged.`);
    return code - 1;
  });
};

/** Packed codes in metadata are base64-encoded because metadata is text. */
export const packedCodesSchema = z.record(z.string(), z.base64());

/** Packs codes, given in a kernel's order on disk (OIHW), as base64. */
export const packKernelCodes = (codes: ArrayLike<number>): string => toBase64(packCodes(codes));

/** The shape of a kernel in memory; a matrix [in, out] is a kernel of 1x1. */
const kernelSides = (shape: readonly number[]): KernelShape =>
  (shape.length === 2 ? [1, 1, ...shape] : shape) as unknown as KernelShape;

/** The hysteresis state of a net, in the kernels' order on disk (OIHW). */
export const packNetCodes = (net: Net): PackedCodes =>
  Object.fromEntries(
    net.codes.flatMap(({ name, codes }) => {
      if (!codes) return [];
      const onDisk = toOihw(codes.dataSync(), kernelSides(codes.shape));
      return [[name, packKernelCodes(onDisk)]];
    }),
  );

/** The name of a tensor without the prefix that all tensors of the reference scripts have, one of two. */
const withoutSequence = (name: string): string => {
  const prefix = sequenceNames.find((each) => name.startsWith(`${each}.`));
  return prefix === undefined ? name : name.slice(prefix.length);
};

/**
 * The codes of one kernel, stored under either prefix; undefined if there are none.
 * @throws QpruneError if they do not fit its `count` weights.
 */
export const storedCodesOf = (
  packed: PackedCodes | undefined,
  kernel: string,
  count: number,
): Float32Array | undefined => {
  const text = Object.entries(packed ?? {}).find(
    ([name]) => withoutSequence(name) === withoutSequence(kernel),
  )?.[1];
  return text === undefined ? undefined : unpackCodes(fromBase64(text), count, kernel);
};

/** The weighted layers of a graph by the names of their kernels without prefix. */
const layersByKernel = ({ nodes }: Graph) =>
  new Map(nodes.filter(isWeighted).map((node) => [withoutSequence(`${node.name}.weight`), node]));

/** Whether a layer has the quantizer and the outputs that it has in another net. */
const isSameLayer = (a: NodeOf<"conv" | "dense">, b: NodeOf<"conv" | "dense">): boolean =>
  JSON.stringify(a.quantizer) === JSON.stringify(b.quantizer) &&
  (a.kind === "conv" ? a.filters : a.features) === (b.kind === "conv" ? b.filters : b.features);

/**
 * The kernels of a net whose hysteresis state a file must contain: those of the layers that its own net has, too, with the
 * same quantizer. The others are layers that got other bits, and a head for other classes.
 */
export const keptKernels = (net: Net, stored: Graph): ReadonlySet<string> => {
  const [own, others] = [layersByKernel(net.graph), layersByKernel(stored)];
  const kernels = net.codes.map(({ name }) => name);
  return new Set(
    kernels.filter((name) => {
      const [layer, other] = [own, others].map((layers) => layers.get(withoutSequence(name)));
      return layer && other && isSameLayer(layer, other);
    }),
  );
};

/** Loads the hysteresis state of a file, stored under either prefix, into a net; `kept` names its kernels. */
export const applyCodes = (net: Net, packed: PackedCodes, kept: ReadonlySet<string>): void => {
  for (const memory of net.codes) {
    const kernel = net.state.find(({ name }) => name === memory.name)?.value;
    if (!kernel) continue;
    if (!kept.has(memory.name)) {
      memory.codes?.dispose();
      memory.codes = null;
      continue;
    }
    const codes = storedCodesOf(packed, memory.name, kernel.size);
    if (!codes) {
      throw new QpruneError(`The hysteresis state of ${memory.name} is missing.`, {
        hint: "Use another copy of the file, or start a new run from its weights.",
        code: "hysteresis-state-missing",
      });
    }
    memory.codes?.dispose();
    const sides = kernelSides(kernel.shape);
    memory.codes = tf.tensor(fromOihw(codes, sides), [...sides]);
  }
};
