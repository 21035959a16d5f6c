import { codesOf } from "../plan/code-format.js";
import type { Activation, Tail } from "../plan/plan.js";
import { shuffledPositions } from "../reference/tail.js";
import type { Layout } from "./layout.js";

/** The numbers of activations in wasm/assembly/tail.ts; others run after the kernel. */
const ACTS = {
  identity: 0,
  relu: 1,
  relu6: 2,
  leakyRelu: 3,
  unit: 4,
  signedUnit: 5,
  unitSign: 6,
  step: 7,
  sign: 8,
  ternary: 9,
} as const;

/** Whether the kernels have an activation. */
export const hasKernel = ({ kind }: Activation): boolean => kind in ACTS;

/** How the sums before a tail become floats. */
export type Sums =
  | { readonly kind: "floats" }
  | {
      readonly kind: "integers";
      /** Whether the sums are of halved weights: to be doubled and added to the sum of the window. */
      readonly areHalved: boolean;
      readonly constant: Int32Array | null;
      readonly factor: Float32Array;
    };

const MOST_FLOAT = 3.4e38;

/** Places a tail in memory and returns its address. @param rowAt scratch for a row of outputs */
export const placeTail = (
  layout: Layout,
  { bias, affine, activation, shuffleGroups }: Tail,
  { channels, sums, rowAt }: { channels: number; sums: Sums; rowAt: number },
): number => {
  const known = activation as Partial<{
    scale: number;
    limit: number;
    levels: number;
    slope: number;
  }>;
  const pointers = [
    sums.kind === "floats" ? 0 : sums.areHalved ? 2 : 1,
    layout.place(sums.kind === "floats" ? null : sums.constant),
    layout.place(sums.kind === "floats" ? null : sums.factor),
    layout.place(bias),
    layout.place(affine?.center ?? null),
    layout.place(affine?.scale ?? null),
    layout.place(affine?.shift ?? null),
    ACTS[activation.kind as keyof typeof ACTS] ?? ACTS.identity,
  ];
  const floats = [known.scale ?? 1, known.limit ?? MOST_FLOAT, known.levels ?? 1, known.slope ?? 0];
  const rest = [
    codesOf(activation) ? 1 : 0,
    layout.place(shuffleGroups > 1 ? shuffledPositions(channels, shuffleGroups) : null),
    channels,
    rowAt,
  ];
  const bytes = new DataView(new ArrayBuffer(4 * (pointers.length + floats.length + rest.length)));
  let at = 0;
  for (const number of pointers) bytes.setInt32(4 * at++, number, true);
  for (const number of floats) bytes.setFloat32(4 * at++, number, true);
  for (const number of rest) bytes.setInt32(4 * at++, number, true);
  return layout.place(new Uint8Array(bytes.buffer));
};
