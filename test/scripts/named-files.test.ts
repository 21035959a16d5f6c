import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Names in capitals stand for what a reader fills in. */
const isTemplate = (name: string): boolean => /[A-Z]{3,}/.test(name);

/** Files and folders of code that a page names between backticks. */
const namedIn = (page: string): string[] =>
  [...page.matchAll(/`([\w./-]+(?:\/|\.(?:ts|cc|h)))`/g)]
    .map(([, name]) => name as string)
    .filter((name) => !isTemplate(name));

test("docs/architecture.md names only files and folders that exist", () => {
  const known = ["src", "test", "scripts", "bench", "bin", "examples"].flatMap((folder) => [
    `/${folder}/`,
    ...readdirSync(`${root}${folder}`, { withFileTypes: true, recursive: true }).map(
      (entry) => `/${entry.parentPath}/${entry.name}${entry.isDirectory() ? "/" : ""}`,
    ),
  ]);
  const names = namedIn(readFileSync(`${root}docs/architecture.md`, "utf8"));
  expect(names.length).toBeGreaterThan(50);
  const missing = names.filter((name) => !known.some((path) => path.endsWith(`/${name}`)));
  expect(missing).toEqual([]);
});

test("the scripts of bench import only modules that the build writes", () => {
  const scripts = readdirSync(`${root}bench`).filter((name) => name.endsWith(".js"));
  const modules = scripts.flatMap((name) =>
    [...readFileSync(`${root}bench/${name}`, "utf8").matchAll(/"\.\.\/dist\/([\w./-]+)\.js"/g)].map(
      ([, path]) => path as string,
    ),
  );
  expect(modules.length).toBeGreaterThan(20);
  expect(modules.filter((path) => !existsSync(`${root}src/${path}.ts`))).toEqual([]);
});
