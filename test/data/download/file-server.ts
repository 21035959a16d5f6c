import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** A local server that records what it is asked for. */
export interface FileServer {
  /** The address of its root, without a slash at the end. */
  readonly url: string;
  /** The path and the range of each request. */
  readonly requests: string[];
  readonly close: () => Promise<void>;
}

/** Serves with `answer` on a free port of this machine. */
export const startServer = async (answer: RequestListener): Promise<FileServer> => {
  const requests: string[] = [];
  const server: Server = createServer((request, response) => {
    requests.push(`${request.url} ${request.headers.range ?? "whole"}`);
    answer(request, response);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
};

const rangeStart = ({ headers }: IncomingMessage): number =>
  Number(/^bytes=(\d+)-$/.exec(headers.range ?? "")?.[1] ?? 0);

/** Answers with bytes, from the start of a range on if one is asked for. */
export const answerRanges =
  (bytes: Buffer): RequestListener =>
  (request, response) => {
    const start = rangeStart(request);
    if (start === 0) {
      response.setHeader("content-length", bytes.length).end(bytes);
      return;
    }
    if (start >= bytes.length) {
      response.writeHead(416, { "content-range": `bytes */${bytes.length}` }).end();
      return;
    }
    const rest = bytes.subarray(start);
    response.writeHead(206, {
      "content-length": rest.length,
      "content-range": `bytes ${start}-${bytes.length - 1}/${bytes.length}`,
    });
    response.end(rest);
  };

/** Answers with bytes, but breaks the first `times` connections after `sent` of them. */
export const answerAndBreak = (bytes: Buffer, sent: number, times: number): RequestListener => {
  const answer = answerRanges(bytes);
  let left = times;
  return (request, response) => {
    if (left === 0) {
      answer(request, response);
      return;
    }
    left--;
    const rest = bytes.subarray(rangeStart(request));
    response.writeHead(request.headers.range ? 206 : 200, {
      "content-length": rest.length,
      "content-range": `bytes ${rangeStart(request)}-${bytes.length - 1}/${bytes.length}`,
    });
    response.write(rest.subarray(0, sent), () => setTimeout(() => response.destroy(), 20));
  };
};
