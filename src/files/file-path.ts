import { isUtf8 } from "node:buffer";
import { join, sep } from "node:path";
import { visibleText } from "../base/visible-text.js";

/** A path for the system: a string, or bytes if a name in it is not UTF-8 and so has no string form. */
export type FilePath = string | Buffer;

const bytesOf = (path: FilePath): Buffer => (typeof path === "string" ? Buffer.from(path) : path);

/** The path of a name in a folder; the name is given as the bytes that the system returned. */
export const pathIn = (folder: FilePath, name: Buffer): FilePath =>
  typeof folder === "string" && isUtf8(name)
    ? join(folder, name.toString())
    : Buffer.concat([bytesOf(folder), Buffer.from(sep), name]);

/** Bytes that are not UTF-8 as text: ASCII unchanged, every other byte as \xNN. */
const escapedBytes = (bytes: Buffer): string =>
  Array.from(bytes, (byte) =>
    byte < 0x80 ? String.fromCharCode(byte) : `\\x${byte.toString(16)}`,
  ).join("");

/** A name or path as text. If it is not UTF-8, its bytes are escaped, so that different names stay different. */
export const textOfPath = (path: FilePath): string => {
  if (typeof path === "string") return path;
  return isUtf8(path) ? path.toString() : escapedBytes(path);
};

/** A name or path for messages: on one line, without control or bidirectional characters (CWE-150). */
export const shownPath = (path: FilePath): string => visibleText(textOfPath(path));
