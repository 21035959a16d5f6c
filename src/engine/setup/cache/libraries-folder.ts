import { existsSync, readFileSync, statSync } from "node:fs";
import { stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Wheel } from "../wheel/wheels.js";

/** Records the sizes of the libraries in a finished folder; loading a truncated one would crash the process. */
const SIZES_FILE = "sizes.json";
const sizesSchema = z.record(z.string(), z.number().int().positive());

/** Records the sizes of the libraries in `folder`, as the last step of its set-up. */
export const sealLibraries = async (folder: string, wheel: Wheel): Promise<void> => {
  const sizes: Record<string, number> = {};
  for (const name of wheel.libraries) sizes[name] = (await stat(join(folder, name))).size;
  await writeFile(join(folder, SIZES_FILE), JSON.stringify(sizes));
};

/** Whether `folder` contains the wheel's libraries in the recorded sizes. */
export const areLibrariesIntact = (folder: string, wheel: Wheel): boolean => {
  if (!existsSync(join(folder, SIZES_FILE))) return false;
  try {
    const sizes = sizesSchema.parse(JSON.parse(readFileSync(join(folder, SIZES_FILE), "utf8")));
    return wheel.libraries.every((name) => statSync(join(folder, name)).size === sizes[name]);
  } catch {
    return false;
  }
};
