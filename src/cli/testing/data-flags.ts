import type { TestOptions } from "../../config/test-options.js";

/** The flags by which a call named its images, for the call that is advised next. */
export const dataFlags = (
  { data, dataset }: Pick<TestOptions, "data" | "dataset">,
  given: ReadonlySet<string>,
): string[] => [
  ...(given.has("data") ? ["--data", data] : []),
  ...(dataset !== undefined ? ["--dataset", dataset] : []),
];
