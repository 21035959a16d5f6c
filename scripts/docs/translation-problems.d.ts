import type { PageLanguage } from "./languages.js";
import type { ShownCommand } from "./usage-page.js";

export const translationProblems: (
  commands: readonly ShownCommand[],
  language: PageLanguage,
) => string[];
