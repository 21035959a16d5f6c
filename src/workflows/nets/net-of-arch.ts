import { isArchitectureName } from "../../models/architectures.js";
import { builtInNets } from "../../models/built-in-nets.js";
import type { NetDescription } from "../../models/net-description.js";
import { readDescription } from "../../models/read-description.js";
import type { ArchChoice } from "../../options/arch-choice.js";
import { readJsonFile } from "./read-json-file.js";

/**
 * The net that `arch` names: a built-in one, or the one that a file describes.
 * @throws QpruneError (usage) if the file cannot be read or does not describe a net.
 */
export const netOfArch = async (arch: ArchChoice): Promise<NetDescription> =>
  isArchitectureName(arch) ? builtInNets[arch] : readDescription(await readJsonFile(arch), arch);
