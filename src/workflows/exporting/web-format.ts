import { WEB_FILES } from "../../export/web/page-files.js";
import type { ExportFormat } from "./format.js";
import { packedFormat } from "./packed-format.js";

/** A folder with a page that classifies pictures, which any web server can serve. */
export const webFormat: ExportFormat = {
  name: "web",
  summary: "a page that classifies pictures, or finds objects in them, with the packed net",
  output: { kind: "folder", isOwnFile: (name) => WEB_FILES.includes(name) },
  readOn: "docs/runtime.md describes the page and the runtime",
  isTestable: false,
  hasFirstLastFormat: true,
  ...(packedFormat.checkNet && { checkNet: packedFormat.checkNet }),
  write: async (net, path, options) => {
    const { writeWeb } = await import("./write-web.js");
    return writeWeb(net, path, options);
  },
};
