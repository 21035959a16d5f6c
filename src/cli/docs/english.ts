import type { PageLanguage } from "./page-language.js";

export const english: PageLanguage = {
  file: "usage.md",
  title: "All commands and flags",
  introduction: [
    "Made from the commands' option schemas by `npm run docs`; `qprune COMMAND --help` prints the same. Flags may be",
    "written in kebab-case or snake_case. `qprune --version` prints the version. [中文](usage.zh-CN.md)",
  ],
  columns: ["flag", "what it does", "default"],
  colon: ": ",
  fullStop: ".",
};
