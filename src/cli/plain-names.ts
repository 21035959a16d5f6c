import { quantizingCommandOf } from "../options/training-command.js";

/** The names of flags in argv, without dashes and values. */
const flagNames = (argv: readonly string[]): Set<string> => {
  const end = argv.indexOf("--");
  const flags = (end < 0 ? argv : argv.slice(0, end)).filter((word) => word.startsWith("--"));
  return new Set(flags.map((flag) => flag.slice(2).split("=")[0] ?? ""));
};

const GROUPED = "--grouped";

/**
 * Replaces the plain name of a command by the name of the reference scripts, which all other code uses: `train` is
 * `prune` (float training), `quantize` is `wqaq` or, with its flags, `wbwtab`, `prune-channels` is
 * `normal-regular-prune` or, with `--grouped`, `gc-prune`, `merge` is `bn-merge`, and `merge-test` is `bn-merge-test`.
 */
export const withReferenceName = (argv: readonly string[]): string[] => {
  const [name, ...rest] = argv;
  switch (name) {
    case "train":
      return ["prune", ...rest];
    case "quantize":
      return [quantizingCommandOf(flagNames(rest)), ...rest];
    case "prune-channels":
      return rest.includes(GROUPED)
        ? ["gc-prune", ...rest.filter((word) => word !== GROUPED)]
        : ["normal-regular-prune", ...rest];
    case "merge":
      return ["bn-merge", ...rest];
    case "merge-test":
      return ["bn-merge-test", ...rest];
    default:
      return [...argv];
  }
};
