import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { readSafetensors } from "../../src/formats/safetensors/read-safetensors.js";
import type { StoredTensor } from "../../src/formats/safetensors/stored-tensor.js";

const caseSchema = z.looseObject({
  name: z.string(),
  kind: z.string(),
  file: z.string().nullable(),
  params: z.record(z.string(), z.unknown()).default({}),
  scalars: z.record(z.string(), z.unknown()).default({}),
});

/** One case of a fixtures folder's manifest.json. */
export type FixtureCase = z.output<typeof caseSchema>;

/** A fixtures folder: its cases, and the tensors of each. */
export interface Fixtures {
  readonly cases: readonly FixtureCase[];
  readonly tensorsOf: (fixtureCase: FixtureCase) => Promise<ReadonlyMap<string, StoredTensor>>;
  /** The file of a case that has one. */
  readonly pathOf: (fixtureCase: FixtureCase) => string;
  readonly caseNamed: (name: string) => FixtureCase;
}

export const openFixtures = async (folder: string): Promise<Fixtures> => {
  const text = await readFile(join(folder, "manifest.json"), "utf8");
  const { cases } = z.looseObject({ cases: z.array(caseSchema).min(1) }).parse(JSON.parse(text));
  return {
    cases,
    tensorsOf: async ({ file }) =>
      file === null ? new Map() : (await readSafetensors(join(folder, file))).tensors,
    pathOf: ({ name, file }) => {
      if (file === null) throw new Error(`case ${name} has no file`);
      return join(folder, file);
    },
    caseNamed: (name) => {
      const found = cases.find((each) => each.name === name);
      if (!found) throw new Error(`the manifest has no case ${name}`);
      return found;
    },
  };
};
