import { z } from "zod";
import { QpruneError } from "../base/errors.js";
import type { Net } from "../models/net.js";
import { tf } from "../tensor/tf.js";
import { fromOihw, type KernelShape, toOihw } from "./kernel-layout.js";

const CODES_PER_BYTE = 4;
const BITS_PER_CODE = 2;
const CODE_MASK = 0b11;

/** Kernel names with their codes, packed and in base64. */
export type PackedCodes = Readonly<Record<string, string>>;

/**
 * Packs the codes -1, 0, 1 as 0, 1, 2 into 2 bits each, the first code in the lowest bits of a byte.
 * Example: -1 0 1 1 is 0b10_10_01_00.
 */
export const packCodes = (codes: ArrayLike<number>): Uint8Array => {
  const bytes = new Uint8Array(Math.ceil(codes.length / CODES_PER_BYTE));
  for (let at = 0; at < codes.length; at++) {
    const shift = (at % CODES_PER_BYTE) * BITS_PER_CODE;
    const byte = Math.floor(at / CODES_PER_BYTE);
    bytes[byte] = (bytes[byte] as number) | (((codes[at] as number) + 1) << shift);
  }
  return bytes;
};

/** The way back. @throws QpruneError where there are not `count` codes or one is none of -1, 0, 1. */
export const unpackCodes = (bytes: Uint8Array, count: number, name: string): Float32Array => {
  if (bytes.length !== Math.ceil(count / CODES_PER_BYTE)) {
    throw new QpruneError(
      `${name}: ${bytes.length} bytes of ternary codes do not hold ${count} codes.`,
    );
  }
  return Float32Array.from({ length: count }, (_, at) => {
    const shift = (at % CODES_PER_BYTE) * BITS_PER_CODE;
    const code = ((bytes[Math.floor(at / CODES_PER_BYTE)] as number) >> shift) & CODE_MASK;
    if (code === CODE_MASK) throw new QpruneError(`${name}: ternary code ${at} is damaged.`);
    return code - 1;
  });
};

/** Metadata is text, so the packed codes stand there in base64, by the kernel's name. */
export const packedCodesSchema = z.record(z.string(), z.base64());

/** Codes in a kernel's order on disk (OIHW), packed and in base64. */
export const packKernelCodes = (codes: ArrayLike<number>): string =>
  Buffer.from(packCodes(codes)).toString("base64");

/** The codes that a net's weights remember in a gap, in the kernels' order on disk (OIHW). */
export const packNetCodes = (net: Net): PackedCodes =>
  Object.fromEntries(
    net.codes.flatMap(({ name, codes }) => {
      if (!codes) return [];
      const onDisk = toOihw(codes.dataSync(), codes.shape as unknown as KernelShape);
      return [[name, packKernelCodes(onDisk)]];
    }),
  );

const withoutSequence = (name: string): string => name.slice(name.indexOf("."));

/**
 * The codes of one kernel, whichever sequence name they were written under; undefined where there are none.
 * @throws QpruneError where they do not fit its `count` weights.
 */
export const codesOf = (
  packed: PackedCodes | undefined,
  kernel: string,
  count: number,
): Float32Array | undefined => {
  const text = Object.entries(packed ?? {}).find(
    ([name]) => withoutSequence(name) === withoutSequence(kernel),
  )?.[1];
  return text === undefined ? undefined : unpackCodes(Buffer.from(text, "base64"), count, kernel);
};

/** Gives a net the codes of a file, whichever sequence name it was written under. */
export const applyCodes = (net: Net, packed: PackedCodes): void => {
  for (const memory of net.codes) {
    const kernel = net.state.find(({ name }) => name === memory.name)?.value;
    if (!kernel) continue;
    const codes = codesOf(packed, memory.name, kernel.size);
    if (!codes) {
      throw new QpruneError(`The codes that ${memory.name} keeps in its gap are missing.`, {
        hint: "Use another copy of the file, or start from it with --refine.",
      });
    }
    memory.codes?.dispose();
    memory.codes = tf.tensor(fromOihw(codes, kernel.shape as unknown as KernelShape), kernel.shape);
  }
};
