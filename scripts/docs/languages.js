import { chinese } from "./chinese.js";
import { english } from "./english.js";

/** The languages that the page of all commands is written in, a file each. */
export const languages = [english, chinese];
