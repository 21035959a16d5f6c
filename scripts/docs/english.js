export const english = {
  file: "usage.md",
  title: "All commands and flags",
  introduction: [
    "This page shortens `npx qprune` to `qprune`. `qprune COMMAND --help` prints the flags of one command, and `qprune --version`",
    "the version. Flags may be written in kebab-case or snake_case. `npm run docs` generates this page from the option schemas of",
    "the commands. The outputs are real: `npm run docs:outputs` records them, with nets and runs so small that they take seconds.",
    "[中文](usage.zh-CN.md)",
  ],
  columns: ["flag", "what it does", "default"],
  alias: "Also called",
  printed: "What it prints",
  colon: ": ",
  fullStop: ".",
};
