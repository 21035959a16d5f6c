/** The flags of every kind of weights and activations. */
export const WEIGHT_FLAGS = [
  ["--W", "2"],
  ["--W", "3"],
  ["--Wbits", "2"],
  ["--Wbits", "4"],
  ["--Wbits", "8"],
  ["--W", "32"],
];
export const ACTIVATION_FLAGS = [
  ["--A", "2"],
  ["--A", "3"],
  ["--Abits", "2"],
  ["--Abits", "4"],
  ["--Abits", "8"],
  ["--A", "32"],
];

export interface Mix {
  readonly command: "wqaq" | "wbwtab";
  readonly arch: "nin" | "nin_gc";
  readonly flags: readonly string[];
}

/** All pairs on both nets, the commands in turn. */
export const allMixes: readonly Mix[] = (["nin", "nin_gc"] as const).flatMap((arch, net) =>
  WEIGHT_FLAGS.flatMap((weights, row) =>
    ACTIVATION_FLAGS.map((activations, column) => ({
      command: (row + column + net) % 2 === 0 ? ("wbwtab" as const) : ("wqaq" as const),
      arch,
      flags: [...weights, ...activations],
    })),
  ),
);

/** Every kind of weights and every kind of activations on each net once. */
export const someMixes: readonly Mix[] = allMixes.filter(
  (_, at) => Math.floor((at % 36) / 6) === ((at % 6) + Math.floor(at / 36)) % 6,
);
