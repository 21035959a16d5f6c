import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import type { RequestListener } from "node:http";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { QpruneError } from "../../../src/base/errors.js";
import { type FetchFileOptions, fetchFile } from "../../../src/data/download/fetch-file.js";
import { providePublishedFile } from "../../../src/data/download/published-file.js";
import * as space from "../../../src/files/writing/free-space.js";
import { temporaryFolder } from "../cifar/cifar-files.js";
import { answerAndBreak, answerRanges, type FileServer, startServer } from "./file-server.js";

vi.mock("../../../src/files/writing/free-space.js", { spy: true });

const NAME = "net-12345678.pth";
const BYTES = Buffer.from(Array.from({ length: 100_000 }, (_, index) => (index * index) % 251));
const SHA256 = createHash("sha256").update(BYTES).digest("hex");

let server: FileServer | undefined;
let folder = "";
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(async () => {
  await server?.close();
  server = undefined;
  vi.restoreAllMocks();
});

const serve = async (answer: RequestListener): Promise<FileServer> => {
  server = await startServer(answer);
  return server;
};

interface Asked extends Partial<FetchFileOptions> {
  readonly sha256?: string;
}

const provide = ({ sha256 = SHA256.slice(0, 8), ...options }: Asked = {}) =>
  providePublishedFile({
    name: NAME,
    sha256,
    folder,
    signal: options.signal,
    fetchTo: (file) =>
      fetchFile({
        url: `${server?.url}/${NAME}`,
        file,
        maxBytes: 1e6,
        retryWaitsMs: [0, 0, 0],
        ...options,
      }),
  });

const refusalOf = async (asked: Asked = {}): Promise<QpruneError> => {
  const error = await provide(asked).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(QpruneError);
  expect((error as QpruneError).hint).toContain(`${NAME} can also be put into ${folder}`);
  return error as QpruneError;
};

const path = (): string => join(folder, NAME);
const part = (): string => `${path()}.part`;

const expectWhole = (): void => expect(readFileSync(path()).equals(BYTES)).toBe(true);

describe("a published file", () => {
  test("is fetched once, checked and kept; then no server is asked", async () => {
    const { requests } = await serve(answerRanges(BYTES));
    expect(await provide()).toEqual({ path: path(), isKept: false });
    expectWhole();
    expect(readdirSync(folder)).toEqual([NAME]);
    await server?.close();
    server = undefined;
    expect(await provide()).toEqual({ path: path(), isKept: true });
    expect(requests).toEqual([`/${NAME} whole`]);
  });

  test("is fetched once by two calls at the same time", async () => {
    const { requests } = await serve(answerRanges(BYTES));
    const both = await Promise.all([provide(), provide()]);
    expect(both.map(({ isKept }) => isKept).sort()).toEqual([false, true]);
    expect(requests).toHaveLength(1);
  });

  test("is fetched again if its copy is damaged", async () => {
    await serve(answerRanges(BYTES));
    writeFileSync(path(), BYTES.subarray(1));
    expect(await provide()).toEqual({ path: path(), isKept: false });
    expectWhole();
  });

  test("can be put into the folder by other means, which may be read-only", async () => {
    writeFileSync(path(), BYTES);
    expect(await provide({ sha256: SHA256 })).toEqual({ path: path(), isKept: true });
    expect(readdirSync(folder)).toEqual([NAME]);
  });
});

describe("an interrupted download", () => {
  test("is continued by the next call after what was received", async () => {
    const { requests } = await serve(answerAndBreak(BYTES, 60_000, 1));
    const { message } = await refusalOf({ retryWaitsMs: [] });
    expect(message).toContain(`Cannot download ${server?.url}/${NAME}: `);
    const received = readFileSync(part()).length;
    expect(received).toBeGreaterThan(0);
    const seen: (readonly [number, number | undefined])[] = [];
    await provide({
      onProgress: ({ receivedBytes, totalBytes }) => seen.push([receivedBytes, totalBytes]),
    });
    expectWhole();
    expect(requests).toEqual([`/${NAME} whole`, `/${NAME} bytes=${received}-`]);
    expect(seen.at(-1)).toEqual([BYTES.length, BYTES.length]);
    expect(existsSync(part())).toBe(false);
  });

  test("is continued by the same call when the connection breaks", async () => {
    const { requests } = await serve(answerAndBreak(BYTES, 20_000, 3));
    await provide();
    expectWhole();
    expect(requests).toHaveLength(4);
  });

  test("keeps its part when it is aborted", async () => {
    await serve(answerAndBreak(BYTES, 20_000, 1));
    const stop = new AbortController();
    const reason = new Error("interrupted");
    const call = provide({ signal: stop.signal, onProgress: () => stop.abort(reason) });
    await expect(call).rejects.toBe(reason);
    expect(readdirSync(folder)).toEqual([`${NAME}.part`]);
    await provide();
    expectWhole();
  });

  test("starts over if its part belongs to another file", async () => {
    const { requests } = await serve(answerRanges(BYTES));
    writeFileSync(part(), "something else");
    await provide();
    expectWhole();
    expect(requests).toEqual([`/${NAME} bytes=14-`, `/${NAME} whole`]);
  });

  test("starts over if its part is longer than the file", async () => {
    await serve(answerRanges(BYTES));
    writeFileSync(part(), Buffer.concat([BYTES, BYTES]));
    await provide();
    expectWhole();
  });

  test("that is complete but was not checked is only checked", async () => {
    await serve(answerRanges(BYTES));
    writeFileSync(part(), BYTES);
    await provide();
    expectWhole();
  });

  test("starts over at a server that does not know ranges", async () => {
    await serve((_, response) => {
      response.end(BYTES);
    });
    writeFileSync(part(), BYTES.subarray(0, 500));
    await provide();
    expectWhole();
  });
});

describe("what cannot be fetched is refused with the reason:", () => {
  test("another file, which is removed", async () => {
    const other = Buffer.from("<html>log in first</html>");
    await serve(answerRanges(other));
    const digest = createHash("sha256").update(other).digest("hex").slice(0, 8);
    expect((await refusalOf()).message).toBe(
      `The download is not ${NAME}, and was removed: its SHA-256 starts with ${digest}, expected ${SHA256.slice(0, 8)}.`,
    );
    expect(readdirSync(folder)).toEqual([]);
  });

  test("a page that does not exist, after one request", async () => {
    const { requests } = await serve((_, response) => {
      response.writeHead(404).end("no");
    });
    expect((await refusalOf()).message).toBe(
      `Cannot download ${server?.url}/${NAME}: the server answers 404 Not Found.`,
    );
    expect(requests).toHaveLength(1);
    expect(readdirSync(folder)).toEqual([]);
  });

  test("a server that stays busy, after all attempts", async () => {
    const { requests } = await serve((_, response) => {
      response.writeHead(503).end();
    });
    expect((await refusalOf()).message).toContain("503 Service Unavailable");
    expect(requests).toHaveLength(4);
  });

  test("no network", async () => {
    const { url } = await serve(() => {});
    await server?.close();
    server = undefined;
    expect((await refusalOf({ url: `${url}/${NAME}` })).message).toContain("ECONNREFUSED");
    expect(readdirSync(folder)).toEqual([]);
  });

  test("a full disk, before anything is written", async () => {
    await serve(answerRanges(BYTES));
    vi.mocked(space.freeBytes).mockResolvedValueOnce(50_000);
    const { message, hint } = await refusalOf();
    expect(message).toContain(`The download needs 1 MB in ${folder}, but only 0 MB are free.`);
    expect(hint).toContain("Free some space");
    expect(readdirSync(folder)).toEqual([]);
  });

  test("more bytes than the file may have", async () => {
    await serve(answerRanges(BYTES));
    expect((await refusalOf({ maxBytes: 5000 })).message).toContain(
      "the server sends more than 5000 bytes",
    );
  });

  test("a folder that cannot be created", async () => {
    const file = join(folder, "file");
    writeFileSync(file, "");
    folder = join(file, "below");
    expect((await refusalOf()).message).toContain("a part of its path is a file, not a folder");
  });

  test("a folder with the name of the file", async () => {
    await serve(answerRanges(BYTES));
    mkdirSync(join(path(), "below"), { recursive: true });
    expect((await refusalOf()).message).toContain("Cannot write");
  });
});
