import { quoted } from "../../base/visible-text.js";

const PLAIN_NAME = /^[\w.]{1,120}$/;

/** The name of a class or function of a file, as a message shows it. */
export const shownGlobal = (name: string): string => (PLAIN_NAME.test(name) ? name : quoted(name));
