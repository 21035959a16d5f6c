import { z } from "zod";
import { firstProblem } from "../../base/first-problem.js";
import { quoted } from "../../base/visible-text.js";
import { checkCoverage } from "./check-coverage.js";
import { decodeHeader } from "./decode-header.js";
import type { HeaderEntry } from "./header-entry.js";
import { MAX_DIMS, MAX_METADATA_LENGTH, MAX_NAME_LENGTH, MAX_TENSORS } from "./limits.js";
import { malformed } from "./malformed.js";
import { isStoredDtype, type StoredDtype, storedBytes } from "./stored-tensor.js";

/** The header's key that stands for no tensor. */
export const METADATA_KEY = "__metadata__";

const count = z.number().int().nonnegative();
const entrySchema = z.object({
  dtype: z.custom<StoredDtype>(
    (name) => typeof name === "string" && isStoredDtype(name),
    "unknown",
  ),
  shape: z.array(count).max(MAX_DIMS),
  data_offsets: z.tuple([count, count]),
});
const metadataSchema = z
  .record(z.string(), z.string())
  .refine(
    (metadata) => Object.entries(metadata).flat().join("").length <= MAX_METADATA_LENGTH,
    `more than ${MAX_METADATA_LENGTH} characters`,
  );

/** What a checked header says. */
export interface Header {
  readonly entries: readonly HeaderEntry[];
  readonly metadata: Readonly<Record<string, string>>;
}

const parseEntry = (name: string, value: unknown, fileName: string): HeaderEntry => {
  if (name.length > MAX_NAME_LENGTH) {
    throw malformed(
      fileName,
      `a tensor's name has ${name.length} characters (limit: ${MAX_NAME_LENGTH})`,
    );
  }
  const parsed = entrySchema.safeParse(value);
  if (!parsed.success) {
    throw malformed(
      fileName,
      `the entry of tensor ${quoted(name)} is wrong (${firstProblem(parsed.error, "it")})`,
    );
  }
  const { shape, data_offsets, dtype } = parsed.data;
  const [begin, end] = data_offsets;
  const bytes = storedBytes(dtype, shape);
  if (bytes === undefined || bytes !== end - begin) {
    const needed = bytes === undefined ? "too many" : bytes;
    throw malformed(
      fileName,
      `tensor ${quoted(name)}, ${dtype} of shape [${shape}], needs ${needed} bytes and lies at ${begin} to ${end}`,
    );
  }
  return { name, dtype, shape, begin, end };
};

/**
 * Reads a header and checks everything it claims against the `dataBytes` bytes that follow it.
 * The tensors must fill those bytes without gap or overlap, as the format demands.
 * @throws QpruneError naming the first thing that is wrong.
 */
export const parseHeader = (bytes: Uint8Array, dataBytes: number, fileName: string): Header => {
  const values = decodeHeader(bytes, fileName);
  const metadata = metadataSchema.safeParse(values.get(METADATA_KEY) ?? {});
  if (!metadata.success) {
    throw malformed(
      fileName,
      `its metadata are wrong (${firstProblem(metadata.error, METADATA_KEY)})`,
    );
  }
  values.delete(METADATA_KEY);
  if (values.size > MAX_TENSORS) {
    throw malformed(fileName, `it lists ${values.size} tensors (limit: ${MAX_TENSORS})`);
  }
  const entries = [...values].map(([name, value]) => parseEntry(name, value, fileName));
  checkCoverage(entries, dataBytes, fileName);
  return { entries, metadata: metadata.data };
};
