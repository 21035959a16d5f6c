import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const project = fileURLToPath(new URL("../../", import.meta.url));

const pagesIn = (folder: string): string[] =>
  readdirSync(join(project, folder))
    .filter((name) => name.endsWith(".md"))
    .map((name) => join(folder, name));

const pages = [...pagesIn("."), ...pagesIn("docs"), ...pagesIn("docs/decisions")];

const textOf = (path: string): string => readFileSync(join(project, path), "utf8");

/** A page's text without its code, where brackets are no links and # begins no heading. */
const proseOf = (path: string): string =>
  textOf(path)
    .replace(/^```[\s\S]*?^```/gm, "")
    .replace(/`[^`\n]*`/g, (code) => code.replace(/[[\]()]/g, " "));

/** The anchor that GitHub gives a heading. */
const anchorOf = (heading: string): string =>
  heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .replace(/\s/g, "-");

const anchorsIn = (path: string): string[] =>
  [...proseOf(path).matchAll(/^#+ (.+)$/gm)].map(([, heading]) => anchorOf(heading ?? ""));

const problemOf = (page: string, target: string): string | undefined => {
  const [path = "", anchor] = target.split("#");
  const file = path === "" ? page : relative(project, join(project, dirname(page), path));
  if (!existsSync(join(project, file))) return `${page}: ${target} does not exist`;
  if (anchor === undefined || statSync(join(project, file)).isDirectory()) return undefined;
  return anchorsIn(file).includes(anchor) ? undefined : `${page}: ${target} has no such heading`;
};

test("every relative link of a page leads to a file, and every anchor to a heading", () => {
  const problems = pages.flatMap((page) =>
    [...proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, target]) => target ?? "")
      .filter((target) => !/^[a-z]+:/.test(target))
      .map((target) => problemOf(page, target)),
  );
  expect(problems.filter((problem) => problem !== undefined)).toEqual([]);
});

test("every page in docs and every decision is linked from another page", () => {
  const all = pages.map((page) => [page, proseOf(page)] as const);
  const orphans = pages.filter(
    (page) =>
      page.startsWith("docs") &&
      !all.some(([other, text]) => other !== page && text.includes(page.split("/").at(-1) ?? "")),
  );
  // The folder of decisions is linked as a whole.
  expect(orphans.filter((page) => !page.startsWith("docs/decisions/"))).toEqual([]);
});

/** The flags of each command, as docs/usage.md lists them. */
const flagsOfCommands = new Map(
  textOf("docs/usage.md")
    .split(/^## qprune /m)
    .slice(1)
    .map((section) => {
      const [name = ""] = section.split("\n");
      return [name.trim(), new Set(section.match(/(?<=`|, `)--?[\w-]+/g))] as const;
    }),
);

test("the commands that pages show exist and have the flags shown", () => {
  const kebab = (flag: string): string => flag.replaceAll("_", "-");
  const problems = pages.flatMap((page) =>
    [...textOf(page).matchAll(/^(?:\$ )?npx qprune (.+)$/gm)].flatMap(([, call = ""]) => {
      const [name = "", ...words] = call.replace(/\s#\s.*$/, "").split(/\s+/);
      const flags = flagsOfCommands.get(name);
      if (!flags) return [`${page}: no command ${name}`];
      const known = new Set([...flags].map(kebab));
      const used = words.filter((word) => /^--?[a-z]/i.test(word)).map(kebab);
      return used
        .filter((flag) => !known.has(flag))
        .map((flag) => `${page}: ${name} has no ${flag}`);
    }),
  );
  expect(problems).toEqual([]);
});
