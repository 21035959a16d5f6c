import { QpruneError } from "../../base/errors.js";
import { quoted } from "../../base/visible-text.js";

/** Where a packed file comes from: its bytes, an address, or in Node.js also a path. */
export type ModelSource = Uint8Array | ArrayBuffer | URL | string;

/** The part of Node.js that is used; pages have none of it. */
interface NodeProcess {
  readonly getBuiltinModule?: (name: "node:fs/promises") => {
    readonly readFile: (path: string | URL) => Promise<Uint8Array>;
  };
}

const ADDRESS = /^(https?|blob|data):/i;

const fileSystem = () =>
  (globalThis as { readonly process?: NodeProcess }).process?.getBuiltinModule?.(
    "node:fs/promises",
  );

const unreadable = (name: string, reason: string, cause?: unknown): QpruneError =>
  new QpruneError(`${quoted(name)} cannot be read: ${reason}.`, {
    hint: "Check the path or address of the packed file.",
    cause,
  });

const reasonOf = (error: unknown): string =>
  error instanceof Error ? error.message.replace(/\.$/, "") : String(error);

const fetched = async (address: string): Promise<Uint8Array> => {
  const response = await fetch(address).catch((error: unknown) => {
    throw unreadable(address, reasonOf(error), error);
  });
  if (!response.ok) throw unreadable(address, `the server answers ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
};

/** A file's bytes with a name for messages. */
export interface SourceBytes {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/**
 * Reads a packed file.
 * @throws QpruneError if the file or address cannot be read.
 */
export const readSource = async (source: ModelSource): Promise<SourceBytes> => {
  if (source instanceof Uint8Array) return { name: "the model", bytes: source };
  if (source instanceof ArrayBuffer) return { name: "the model", bytes: new Uint8Array(source) };
  const name = String(source);
  const files = fileSystem();
  const isAddress = ADDRESS.test(name) || !files;
  if (isAddress) return { name, bytes: await fetched(name) };
  const bytes = await files.readFile(source).catch((error: unknown) => {
    throw unreadable(name, reasonOf(error), error);
  });
  return { name, bytes: new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength) };
};
