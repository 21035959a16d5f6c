import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import puppeteer, { type Browser } from "puppeteer-core";

/** A headless browser, or why it does not start on this machine. */
export type OpenedBrowser =
  | { readonly kind: "open"; readonly browser: Browser; readonly close: () => Promise<void> }
  | { readonly kind: "none"; readonly why: string };

/** Runs `action` with other environment variables; the package changes some more, which are restored as well. */
const withEnvironment = async <T>(
  changes: Record<string, string>,
  action: () => Promise<T>,
): Promise<T> => {
  const before = { ...process.env };
  Object.assign(process.env, changes);
  try {
    return await action();
  } finally {
    for (const name of Object.keys(process.env)) {
      if (before[name] === undefined) delete process.env[name];
    }
    Object.assign(process.env, before);
  }
};

/**
 * Unpacks the package's Chromium into `folder`, with the shared libraries (NSS above all) that a bare machine lacks.
 * The package unpacks them only on AWS Lambda, and into the temporary folder, so both are simulated.
 */
const unpack = (folder: string): Promise<{ path: string; args: string[] }> =>
  withEnvironment({ TMPDIR: folder, AWS_EXECUTION_ENV: "AWS_Lambda_nodejs20.x" }, async () => {
    const { default: chromium } = await import("@sparticuz/chromium");
    return { path: await chromium.executablePath(), args: chromium.args };
  });

/**
 * Writes a fontconfig file that points to the unpacked fonts. The package's own names /tmp/fonts, so a machine
 * without system fonts would render text without any width.
 */
const writeFontConfig = (folder: string): string => {
  const file = join(folder, "fonts.conf");
  const fonts = join(folder, "fonts");
  const cache = join(folder, "fonts-cache");
  writeFileSync(
    file,
    `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>${fonts}</dir><cachedir>${cache}</cachedir></fontconfig>
`,
  );
  return file;
};

/** What Chromium finds of the machine: libraries, fonts and a home folder, all in `folder`. */
const browserEnvironment = (folder: string): Record<string, string | undefined> => ({
  ...process.env,
  LD_LIBRARY_PATH: join(folder, "al2023", "lib"),
  FONTCONFIG_FILE: writeFontConfig(folder),
  HOME: folder,
  TMPDIR: folder,
});

/** A camera that shows a moving picture and asks nobody. */
const FAKE_CAMERA = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"];

/** Starts the Chromium that npm installs; the machine needs neither a browser nor fonts. */
export const openBrowser = async (): Promise<OpenedBrowser> => {
  const folder = mkdtempSync(join(tmpdir(), "qprune-browser-"));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const { path, args } = await unpack(folder);
    const browser = await puppeteer.launch({
      executablePath: path,
      args: [...args, ...FAKE_CAMERA],
      headless: "shell",
      env: browserEnvironment(folder),
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
