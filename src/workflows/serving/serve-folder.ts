import { createReadStream } from "node:fs";
import { realpath, stat } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, sep } from "node:path";
import { QpruneError } from "../../base/errors.js";
import { quoted } from "../../base/visible-text.js";
import type { WorkflowContext } from "../context.js";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".wasm": "application/wasm",
  ".png": "image/png",
  ".jpg": "image/jpeg",
  ".svg": "image/svg+xml",
};

/** What every answer has. The last two allow pages to share memory between threads. */
const HEADERS = {
  "cache-control": "no-cache",
  "x-content-type-options": "nosniff",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
} as const;

export interface ServeOptions {
  readonly folder: string;
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
}

export interface ServedFolder {
  readonly folder: string;
  readonly url: string;
}

const HTTP = { ok: 200, notFound: 404, notAllowed: 405 } as const;

/** The file that an address names; null if it is none, or outside of the folder. */
const fileAt = async (root: string, address: string): Promise<string | null> => {
  try {
    const name = decodeURIComponent(new URL(address, "http://localhost").pathname);
    const path = await realpath(join(root, name));
    if (path !== root && !path.startsWith(root + sep)) return null;
    const found = await stat(path);
    if (found.isDirectory()) return await fileAt(root, `${address.replace(/\/*$/, "")}/index.html`);
    return found.isFile() ? path : null;
  } catch {
    return null;
  }
};

const answer = async (
  root: string,
  { method, url = "/" }: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const isRead = method === "GET" || method === "HEAD";
  const path = isRead ? await fileAt(root, url) : null;
  if (!path) {
    response.writeHead(isRead ? HTTP.notFound : HTTP.notAllowed, HEADERS).end();
    return;
  }
  const { size } = await stat(path);
  response.writeHead(HTTP.ok, {
    ...HEADERS,
    "content-type": TYPES[extname(path)] ?? "application/octet-stream",
    "content-length": size,
  });
  if (method === "HEAD") response.end();
  else
    createReadStream(path)
      .on("error", () => response.destroy())
      .pipe(response);
};

const reasonOf = ({ code, message }: NodeJS.ErrnoException, port: number): string =>
  code === "EADDRINUSE" ? `port ${port} is in use` : message;

/**
 * Serves the files of a folder until the call is aborted.
 * @param onListening called with the address once it answers
 * @throws QpruneError if there is no such folder, or the port cannot be used.
 */
export const serveFolder = async (
  { folder, host, port }: ServeOptions,
  { signal }: Pick<WorkflowContext, "signal">,
  onListening: (served: ServedFolder) => void,
): Promise<void> => {
  const root = await realpath(folder).catch(() => null);
  if (!root || !(await stat(root)).isDirectory()) {
    throw new QpruneError(`There is no folder ${quoted(folder)}.`, {
      kind: "usage",
      hint: "Name the folder of an export: qprune export FILE --format web --save DIR.",
    });
  }
  const server = createServer((request, response) => {
    answer(root, request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.on("error", (cause: NodeJS.ErrnoException) =>
      reject(
        new QpruneError(`The folder cannot be served: ${reasonOf(cause, port)}.`, {
          hint: "Choose another port.",
          cause,
        }),
      ),
    );
    server.listen(port, host, () => {
      const address = server.address() as AddressInfo;
      const shownHost = address.family === "IPv6" ? `[${address.address}]` : address.address;
      onListening({ folder: root, url: `http://${shownHost}:${address.port}/` });
    });
    const stop = (): void => {
      server.closeAllConnections();
      server.close(() => resolve());
    };
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
};
