import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import puppeteer, { type Browser } from "puppeteer-core";

/** A headless browser, or why it does not start on this machine. */
export type OpenedBrowser =
  | { readonly kind: "open"; readonly browser: Browser; readonly close: () => Promise<void> }
  | { readonly kind: "none"; readonly why: string };

/**
 * Unpacks the package's Chromium into `folder`, with the libraries that it brings for machines without
 * them (NSS above all): it does that where it thinks itself on Amazon's, and into the temporary folder.
 */
const unpack = async (folder: string): Promise<{ path: string; args: string[] }> => {
  const before = process.env.TMPDIR;
  process.env.TMPDIR = folder;
  process.env.AWS_EXECUTION_ENV = "AWS_Lambda_nodejs20.x";
  try {
    const { default: chromium } = await import("@sparticuz/chromium");
    return { path: await chromium.executablePath(), args: chromium.args };
  } finally {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
  }
};

/** Starts Chromium as npm brings it; no browser need be installed. */
export const openBrowser = async (): Promise<OpenedBrowser> => {
  const folder = mkdtempSync(join(tmpdir(), "qprune-browser-"));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const { path, args } = await unpack(folder);
    const browser = await puppeteer.launch({
      executablePath: path,
      args,
      headless: "shell",
      env: { ...process.env, LD_LIBRARY_PATH: join(folder, "al2023", "lib") },
    });
    const close = async (): Promise<void> => {
      await browser.close();
      remove();
    };
    return { kind: "open", browser, close };
  } catch (error) {
    remove();
    return { kind: "none", why: (error as Error).message };
  }
};
