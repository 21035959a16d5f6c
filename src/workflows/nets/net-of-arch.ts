import {
  type Architecture,
  chainArchitecture,
  describedArchitecture,
  graphArchitecture,
} from "../../models/architecture.js";
import { isGraphArchitectureName } from "../../models/architectures/graph-architectures.js";
import { isArchitectureName } from "../../models/chains/built-in-chain.js";
import { builtInNets } from "../../models/chains/built-in-chains.js";
import { readDescription } from "../../models/chains/descriptions/read-chain-description.js";
import {
  isGraphDescription,
  readGraphDescription,
} from "../../models/descriptions/read-graph-description.js";
import type { ArchChoice } from "../../options/values/arch-choice.js";
import { readJsonFile } from "./read-json-file.js";

/**
 * The net that `arch` names: a built-in one, or the one that a file describes.
 * @throws QpruneError (usage) if the file cannot be read or does not describe a net.
 */
export const netOfArch = async (arch: ArchChoice): Promise<Architecture> => {
  if (isGraphArchitectureName(arch)) return graphArchitecture(arch);
  if (isArchitectureName(arch)) return chainArchitecture(builtInNets[arch]);
  const raw = await readJsonFile(arch);
  return isGraphDescription(raw)
    ? describedArchitecture(readGraphDescription(raw, arch), arch)
    : chainArchitecture(readDescription(raw, arch));
};
