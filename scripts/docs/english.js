export const english = {
  file: "usage.md",
  title: "All commands and flags",
  introduction: [
    "`npm run docs` generates this page from the option schemas of the commands; `qprune COMMAND --help` prints the same.",
    "Flags may be written in kebab-case or snake_case. `qprune --version` prints the version. The outputs are real:",
    "`npm run docs:outputs` records them, with nets and runs so small that they take seconds. [中文](usage.zh-CN.md)",
  ],
  columns: ["flag", "what it does", "default"],
  alias: "Also called",
  printed: "What it prints",
  colon: ": ",
  fullStop: ".",
};
