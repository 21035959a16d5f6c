import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { TfjsFiles } from "../../../src/export/tfjs/model-files/tfjs-model.js";

/** An exported model, and images [n, h, w, c] for it. */
export interface ServedModel {
  readonly name: string;
  readonly files: TfjsFiles;
  readonly images: Float32Array;
}

export interface Served {
  readonly url: string;
  readonly close: () => Promise<void>;
}

const TYPES: Readonly<Record<string, string>> = { js: "text/javascript", html: "text/html" };

/** Serves the files of every model under its name, with its images as images.bin, and `extra` files. */
export const serveModels = async (
  models: readonly ServedModel[],
  extra: Readonly<Record<string, Uint8Array>> = {},
): Promise<Served> => {
  const files = new Map<string, Uint8Array>(
    Object.entries(extra).map(([name, bytes]) => [`/${name}`, bytes]),
  );
  for (const { name, files: own, images } of models) {
    for (const [file, bytes] of own) files.set(`/${name}/${file}`, bytes);
    files.set(
      `/${name}/images.bin`,
      new Uint8Array(images.buffer, images.byteOffset, images.byteLength),
    );
  }
  const server = createServer(({ url }, response) => {
    const bytes = files.get(url ?? "");
    const type = TYPES[url?.split(".").at(-1) ?? ""] ?? "application/octet-stream";
    // A kept-alive connection may be closed just when a client that was busy for seconds sends another request.
    response.writeHead(bytes ? 200 : 404, { "content-type": type, connection: "close" });
    response.end(bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
};
