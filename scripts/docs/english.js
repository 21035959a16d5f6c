export const english = {
  file: "usage.md",
  title: "All commands and flags",
  introduction: [
    "Made from the commands' option schemas by `npm run docs`; `qprune COMMAND --help` prints the same. Flags may be",
    "written in kebab-case or snake_case. `qprune --version` prints the version. What commands print is real: recorded by",
    "`npm run docs:outputs`, on nets and runs so small that they take seconds. [中文](usage.zh-CN.md)",
  ],
  columns: ["flag", "what it does", "default"],
  alias: "Also called",
  printed: "What it prints",
  colon: ": ",
  fullStop: ".",
};
