import { z } from "zod";
import {
  type ArchitectureName,
  architectureNames,
  isArchitectureName,
} from "../models/architectures.js";
import { usablePath } from "./file-name.js";

/** A value of `--arch`: the name of a built-in net, or the path of a file that describes a custom architecture. */
export type ArchChoice = ArchitectureName | `${string}.json`;

export const archChoice = () =>
  usablePath(
    z.custom<ArchChoice>(
      (value) =>
        typeof value === "string" && (isArchitectureName(value) || value.endsWith(".json")),
      {
        error: `expected ${architectureNames.join(" or ")}, or the path of a .json file that describes a net`,
      },
    ),
  );
