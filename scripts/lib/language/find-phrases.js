import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, sep } from "node:path";
import { PHRASES } from "./phrases.js";
import { proseOf } from "./prose-of.js";

const PLACES = ["src", "test", "scripts", "bench", "examples", "bin", "docs"];
const READ = /\.(?:[cm]?[jt]s|cc|h|md|ya?ml|sh|py|html)$/;
/** Generated pages, whose sources are read; data of tests; and the files that name phrases to avoid. */
const LEFT_OUT = [
  /^docs\/(?:outputs\/|usage\.)/,
  /\/fixtures\//,
  /^docs\/style\.md$|^scripts\/lib\/language\/phrases\.js$|^test\/scripts\/check-language\.test\.ts$/,
];

/** The files that are read, by paths with slashes from `root`, in a fixed order. */
const filesOf = (root) => {
  const below = PLACES.filter((place) => existsSync(join(root, place))).flatMap((place) =>
    readdirSync(join(root, place), { recursive: true, encoding: "utf8" }).map((name) =>
      join(place, name).replaceAll(sep, "/"),
    ),
  );
  const pages = readdirSync(root).filter((name) => name.endsWith(".md"));
  return [...pages, ...below]
    .filter((path) => READ.test(path) && !LEFT_OUT.some((pattern) => pattern.test(path)))
    .filter((path) => statSync(join(root, path)).isFile())
    .sort();
};

const lineOf = (text, index) => text.slice(0, index).split("\n").length;

/** Searching lower case takes a tenth of the time of searching without regard to case. */
const phrasesIn = (path, source) => {
  const prose = proseOf(path, source).replace(/[A-Z]+/g, (capitals) => capitals.toLowerCase());
  return PHRASES.filter(({ only }) => !only || only.some((start) => path.startsWith(start)))
    .flatMap(({ pattern, instead }) =>
      [...prose.matchAll(pattern)].map(({ 0: found, index }) => ({
        path,
        line: lineOf(prose, index),
        found: found.replace(/\s+/g, " "),
        instead,
      })),
    )
    .sort((a, b) => a.line - b.line);
};

/** Every phrase of the list in the comments, strings and pages below `root`. */
export const findPhrases = (root) =>
  filesOf(root).flatMap((path) => phrasesIn(path, readFileSync(join(root, path), "utf8")));
