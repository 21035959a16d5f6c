import { withOpenFile } from "../files/with-open-file.js";
import { describeFileKind, KIND_BYTES } from "../formats/describe-file-kind.js";
import type { FileKind } from "../formats/file-kind.js";

/** What kind of file a path names; undefined where its first bytes show none. @throws QpruneError if it cannot be read. */
export const fileKindOf = (path: string): Promise<FileKind | undefined> =>
  withOpenFile(path, async ({ read, size }) =>
    describeFileKind(await read(0, Math.min(size, KIND_BYTES))),
  );
