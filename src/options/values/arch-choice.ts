import { z } from "zod";
import {
  type GraphArchitectureName,
  graphArchitectureNames,
} from "../../models/architectures/graph-architectures.js";
import { type ArchitectureName, architectureNames } from "../../models/chains/built-in-chain.js";
import { usablePath } from "./file-name.js";

/** A value of `--arch`: the name of a built-in net, or the path of a file that describes a custom architecture. */
export type ArchChoice = ArchitectureName | GraphArchitectureName | `${string}.json`;

/** The names of all built-in nets. */
const builtInNames: readonly string[] = [...architectureNames, ...graphArchitectureNames];

export const archChoice = () =>
  usablePath(
    z.custom<ArchChoice>(
      (value) =>
        typeof value === "string" && (builtInNames.includes(value) || value.endsWith(".json")),
      {
        error:
          "expected a built-in net, such as nin_gc, resnet20 or mobilenet_v2 (docs/nets.md lists all), or the path of a .json file that describes a net",
      },
    ),
  );
