import { z } from "zod";
import { QpruneError } from "../../base/errors.js";
import { firstProblem } from "../../base/first-problem.js";
import { jsonOf } from "../../base/json-of.js";
import { packedGrids } from "./packed-kernel.js";

/** Metadata key of the description of how a file is packed. */
export const PACKING_KEY = "packing";
/** Version of the layout. Any other is refused, since reading it would yield wrong weights. */
export const PACKING_VERSION = 1;
/** The widest field; quantized weights have at most 8 bits. */
const MAX_FIELD_BITS = 8;

const side = z.int().positive();

/** How one kernel is packed. */
const packedKernelSchema = z.strictObject({
  grid: z.enum(packedGrids),
  bits: z.int().min(1).max(MAX_FIELD_BITS),
  /** [out, in / groups, kh, kw] of a convolution, [out, in] of a dense layer. */
  shape: z.union([z.tuple([side, side, side, side]), z.tuple([side, side])]),
});
export type PackedKernelInfo = Omit<z.output<typeof packedKernelSchema>, "shape"> & {
  readonly shape: readonly number[];
};

const packingSchema = z.strictObject({
  version: z.literal(PACKING_VERSION),
  /** By the kernel's name in the dense state dict. */
  kernels: z.record(z.string(), packedKernelSchema),
});
export interface Packing {
  readonly version: typeof PACKING_VERSION;
  readonly kernels: Readonly<Record<string, PackedKernelInfo>>;
}

/** Names of the tensors of a packed kernel: its fields, a scale per filter, and a zero point per filter. */
export const packedNames = (
  kernel: string,
): { readonly codes: string; readonly scale: string; readonly zero: string } => ({
  codes: `${kernel}_codes`,
  scale: `${kernel}_scale`,
  zero: `${kernel}_zero`,
});

/**
 * Reads from a file's metadata how it is packed; undefined for a dense file.
 * @throws QpruneError if the metadata is invalid.
 */
export const readPacking = (
  metadata: Readonly<Record<string, string>>,
  path: string,
): Packing | undefined => {
  const text = metadata[PACKING_KEY];
  if (text === undefined) return undefined;
  const result = packingSchema.safeParse(jsonOf(text));
  if (result.success) return result.data;
  throw new QpruneError(
    `${path}: the description of its packed kernels is damaged (${firstProblem(result.error, PACKING_KEY)}).`,
    {
      hint: `Use another copy of the file; only version ${PACKING_VERSION} of the layout is supported (docs/packed-format.md).`,
    },
  );
};
