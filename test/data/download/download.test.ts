import { createHash } from "node:crypto";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { create } from "tar";
import { afterEach, describe, expect, test } from "vitest";
import { QpruneError } from "../../../src/base/errors.js";
import { archiveOverride } from "../../../src/data/download/archive-override.js";
import { downloadDataSet } from "../../../src/data/download/download-data-set.js";
import { loadDataSet } from "../../../src/data/load-data-set.js";
import { temporaryFolder, writeCifar10 } from "../cifar/cifar-files.js";
import { writeCifar10Python } from "../cifar/cifar-pickle.js";

const FOLDER = "cifar-10-batches-bin";

/** The gzipped tar file of a folder that `fill` has filled. */
const archiveOf = async (fill: (folder: string) => void): Promise<Buffer> => {
  const parent = temporaryFolder();
  mkdirSync(join(parent, FOLDER));
  fill(join(parent, FOLDER));
  const file = join(parent, "archive.tar.gz");
  await create({ file, gzip: true, cwd: parent }, [FOLDER]);
  return readFileSync(file);
};

const wholeArchive = archiveOf((folder) => {
  writeCifar10(folder);
  writeFileSync(join(folder, "readme.html"), "not wanted");
});

const md5Of = (bytes: Buffer): string => createHash("md5").update(bytes).digest("hex");

const servers: Server[] = [];
const serve = async (answer: RequestListener): Promise<string> => {
  const server = createServer(answer).listen(0, "127.0.0.1");
  servers.push(server);
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/cifar-10-binary.tar.gz`;
};
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

const serveBytes = (bytes: Buffer): Promise<string> =>
  serve((_request, response) => {
    response.setHeader("content-length", bytes.length).end(bytes);
  });

/** The download must fail with one error that has a hint, and leave no files. */
const refusal = async (directory: string, url: string, md5?: string): Promise<QpruneError> => {
  const error = await downloadDataSet({
    name: "cifar10",
    directory,
    url,
    md5,
    retryWaitsMs: [],
  }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(QpruneError);
  expect((error as QpruneError).hint).toContain("cifar-10-binary.tar.gz");
  expect(readdirSync(directory)).toEqual([]);
  return error as QpruneError;
};

describe("a download that succeeds", () => {
  test("puts exactly the data files in place, which can then be read", async () => {
    const archive = await wholeArchive;
    const directory = join(temporaryFolder(), "new", "data");
    const received: number[] = [];
    const done = await downloadDataSet({
      name: "cifar10",
      directory,
      url: await serveBytes(archive),
      md5: md5Of(archive),
      onProgress: ({ receivedBytes, totalBytes }) => {
        received.push(receivedBytes);
        expect(totalBytes).toBe(archive.length);
      },
    });
    expect(done).toBe("downloaded");
    expect(received.at(-1)).toBe(archive.length);
    expect(readdirSync(directory)).toEqual([FOLDER]);
    expect(readdirSync(join(directory, FOLDER))).not.toContain("readme.html");
    const { train } = await loadDataSet({ name: "cifar10", directory, parts: "train and test" });
    expect(train.count).toBe(10);
  });

  test("completes a damaged folder of the authors' name", async () => {
    const archive = await wholeArchive;
    const directory = temporaryFolder();
    writeCifar10(join(directory, FOLDER));
    truncateSync(join(directory, FOLDER, "test_batch.bin"), 100);
    const url = await serveBytes(archive);
    expect(await downloadDataSet({ name: "cifar10", directory, url, md5: md5Of(archive) })).toBe(
      "downloaded",
    );
    const { test: tested } = await loadDataSet({ name: "cifar10", directory, parts: "test only" });
    expect(tested.count).toBe(2);
  });

  test("leaves damaged files elsewhere alone, and the downloaded files take precedence over them", async () => {
    const archive = await wholeArchive;
    const directory = temporaryFolder();
    writeCifar10(directory);
    truncateSync(join(directory, "test_batch.bin"), 100);
    const url = await serveBytes(archive);
    await downloadDataSet({ name: "cifar10", directory, url, md5: md5Of(archive) });
    expect(statSync(join(directory, "test_batch.bin")).size).toBe(100);
    const { test: tested } = await loadDataSet({ name: "cifar10", directory, parts: "test only" });
    expect(tested.count).toBe(2);
  });

  test("contacts no server if the data is already there, nor for the digits", async () => {
    const directory = temporaryFolder();
    writeCifar10(directory);
    const url = await serve(() => expect.unreachable("nothing is to be fetched"));
    expect(await downloadDataSet({ name: "cifar10", directory, url })).toBe("present");
    expect(await downloadDataSet({ name: "digits", directory, url })).toBe("present");
    const python = temporaryFolder();
    writeCifar10Python(join(python, "cifar-10-batches-py"));
    expect(await downloadDataSet({ name: "cifar10", directory: python, url })).toBe("present");
  });
});

describe("a download that fails", () => {
  test("an archive with another hash is refused with both", async () => {
    const archive = await wholeArchive;
    const { message } = await refusal(temporaryFolder(), await serveBytes(archive));
    expect(message).toContain(md5Of(archive));
    expect(message).toContain("c32a1d4ab5d03f1284b67883e8d87530");
  });

  test("a body that stops half-way is refused", async () => {
    const archive = await wholeArchive;
    const url = await serve((_request, response) => {
      response.setHeader("content-length", archive.length);
      response.write(archive.subarray(0, 100), () => response.destroy());
    });
    expect((await refusal(temporaryFolder(), url, md5Of(archive))).message).toContain(
      `Cannot download ${url}`,
    );
  });

  test("a page that does not exist is refused with the server's answer", async () => {
    const url = await serve((_request, response) => {
      response.writeHead(404).end("no");
    });
    expect((await refusal(temporaryFolder(), url)).message).toContain("404 Not Found");
  });

  test("a server that cannot be reached is reported with the reason", async () => {
    const url = await serve(() => {});
    servers[0]?.close();
    await once(servers[0] as Server, "close");
    expect((await refusal(temporaryFolder(), url)).message).toContain("ECONNREFUSED");
  });

  test("an archive without one of the files is refused", async () => {
    const archive = await archiveOf((folder) => writeFileSync(join(folder, "test_batch.bin"), ""));
    const url = await serveBytes(archive);
    expect((await refusal(temporaryFolder(), url, md5Of(archive))).message).toContain(
      "Cannot unpack data_batch_1.bin",
    );
  });

  test("a file that is not an archive is refused", async () => {
    const bytes = Buffer.from("<html>captive portal</html>".repeat(100));
    const url = await serveBytes(bytes);
    expect((await refusal(temporaryFolder(), url, md5Of(bytes))).message).toContain(
      "Cannot unpack",
    );
  });

  test("a link instead of a file is not followed and counts as missing", async () => {
    const secret = join(temporaryFolder(), "secret");
    writeFileSync(secret, "x".repeat(3073));
    const archive = await archiveOf((folder) => {
      writeCifar10(folder);
      symlinkSync(secret, join(folder, "data_batch_9.bin"));
    });
    const linked = await archiveOf((folder) => symlinkSync(secret, join(folder, "test_batch.bin")));
    const url = await serveBytes(linked);
    await refusal(temporaryFolder(), url, md5Of(linked));
    const directory = temporaryFolder();
    await downloadDataSet({
      name: "cifar10",
      directory,
      url: await serveBytes(archive),
      md5: md5Of(archive),
    });
    expect(existsSync(join(directory, FOLDER, "data_batch_9.bin"))).toBe(false);
  });

  test("a file that is larger than the authors' counts as missing", async () => {
    const archive = await archiveOf((folder) => {
      writeCifar10(folder);
      truncateSync(join(folder, "test_batch.bin"), 10_001 * 3073);
    });
    const url = await serveBytes(archive);
    await refusal(temporaryFolder(), url, md5Of(archive));
  });

  test("a folder that cannot be created is reported", async () => {
    const file = join(temporaryFolder(), "file");
    writeFileSync(file, "");
    await expect(
      downloadDataSet({
        name: "cifar10",
        directory: join(file, "below"),
        url: "http://127.0.0.1:1",
      }),
    ).rejects.toBeInstanceOf(QpruneError);
  });

  test("an interrupted download ends with the signal's reason and leaves no files", async () => {
    const archive = await wholeArchive;
    const directory = temporaryFolder();
    const url = await serve((_request, response) => {
      response.setHeader("content-length", archive.length);
      response.write(archive.subarray(0, 100));
    });
    const stop = new AbortController();
    const reason = new Error("interrupted");
    const download = downloadDataSet({
      name: "cifar10",
      directory,
      url,
      signal: stop.signal,
      onProgress: () => stop.abort(reason),
    });
    await expect(download).rejects.toBe(reason);
    expect(readdirSync(directory)).toEqual([]);
  });
});

describe("another place to fetch from", () => {
  test("is set by environment variables; an empty variable counts as unset", () => {
    expect(archiveOverride({})).toEqual({ url: undefined, md5: undefined });
    expect(archiveOverride({ QPRUNE_CIFAR_URL: "", QPRUNE_CIFAR_MD5: "" })).toEqual({
      url: undefined,
      md5: undefined,
    });
    expect(archiveOverride({ QPRUNE_CIFAR_URL: "http://a/b", QPRUNE_CIFAR_MD5: "AB" })).toEqual({
      url: "http://a/b",
      md5: "ab",
    });
  });
});
