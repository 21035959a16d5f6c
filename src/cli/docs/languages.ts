import { chinese } from "./chinese.js";
import { english } from "./english.js";
import type { PageLanguage } from "./page-language.js";

/** The languages that the page of all commands is written in, a file each. */
export const languages: readonly PageLanguage[] = [english, chinese];
