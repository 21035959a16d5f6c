import { formatOfName } from "../checkpoint/net-files/net-file.js";
import { shellCommand } from "../options/names/shell-command.js";

/** The default path of a file that a command writes. */
const DEFAULT_PATH =
  /^(?:\.\/)?models_save\/([a-z_]+)\/([\w-]+?)(_preprune|_prune|_refine)?(?:\.state)?\.safetensors$/;

const pruned = (arch: string, stage: string): string =>
  `models_save/prune/${arch}${stage}.safetensors`;

/** The command line that writes a file of the folder models_save/prune. */
const pruningCall = (arch: string, stage: string | undefined): readonly string[] => {
  switch (stage) {
    case "_preprune":
      return ["prune", "-sr", "--s", "0.001", "--arch", arch];
    case "_prune":
      return ["normal-regular-prune", "--model", pruned(arch, "_preprune")];
    case "_refine":
      return ["prune", "--refine", pruned(arch, "_prune")];
    default:
      return ["prune", "--arch", arch];
  }
};

const callOf = (path: string): readonly string[] | undefined => {
  const [, folder, arch = "", stage] = DEFAULT_PATH.exec(path) ?? [];
  switch (folder) {
    case "wqaq":
    case "wbwtab":
      return [folder, "--arch", `${arch}${stage ?? ""}`];
    case "prune":
      return pruningCall(arch, stage);
    case "bn_merge":
      return ["bn-merge"];
    default:
      return undefined;
  }
};

/**
 * How to create a missing model file, as a sentence. Undefined for files that no command creates, and if the name is not
 * a default one and other files exist (`files`).
 */
export const creatingAdvice = (path: string, files: readonly string[]): string | undefined => {
  const call = callOf(path);
  if (call) return `To create ${path}: ${shellCommand(call)}`;
  if (files.length > 0 || formatOfName(path) === undefined) return undefined;
  return "qprune wqaq, wbwtab and prune train nets and save them in models_save.";
};
