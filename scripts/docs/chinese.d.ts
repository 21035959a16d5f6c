import type { PageLanguage } from "./languages.js";

export const chinese: PageLanguage;
