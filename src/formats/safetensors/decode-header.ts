import { quoted } from "../../base/visible-text.js";
import { jsonKeys } from "./json-keys.js";
import { malformed } from "./malformed.js";

/**
 * Decodes the header's JSON: the values of its outermost object, in the order of the text.
 * @throws QpruneError if it is no JSON object, or an object in it has a key twice.
 */
export const decodeHeader = (bytes: Uint8Array, fileName: string): Map<string, unknown> => {
  let text: string;
  let parsed: unknown;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    parsed = JSON.parse(text);
  } catch (cause) {
    throw malformed(fileName, "its header is not JSON", cause);
  }
  if (typeof parsed !== "object" || parsed === null || !text.startsWith("{")) {
    throw malformed(fileName, "its header is not a JSON object");
  }
  const { outermost, duplicate } = jsonKeys(text);
  if (duplicate !== undefined) {
    throw malformed(fileName, `its header has the key ${quoted(duplicate)} twice`);
  }
  const values = new Map<string, unknown>(Object.entries(parsed));
  return new Map(outermost.map((key) => [key, values.get(key)]));
};
