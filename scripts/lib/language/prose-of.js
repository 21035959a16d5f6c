/** Replaces code: unlike white space, it ends a phrase. */
const CODE = "\0";

const C_LIKE = /\.(?:[cm]?[jt]s|cc|h)$/;
const LINE_COMMENT = /\/\/[^\n]*/y;
const BLOCK_COMMENT = /\/\*[\s\S]*?\*\//y;
const STRING = /"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'/y;
const TEMPLATE_TEXT = /(?:\\[\s\S]|\$(?!\{)|[^\\`$])*/y;
const REGEXP = /\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*/y;
const PRECEDES_REGEXP = /(?:^|[(,=:[!&|?{};>+*]|\b(?:return|typeof|case|in|of))\s*$/;
/** Code in which nothing begins or ends. C++ writes 1'000'000. */
const PLAIN_CODE = /(?:\d'(?=\d)|[^"'`/{}])+/y;

const spaces = (text) => " ".repeat(text.length);
/** A plus and quotes join the parts of one text, so they become white space. */
const hideCode = (text) =>
  text.replace(/[^\s+"'`]+/g, (run) => CODE.repeat(run.length)).replace(/[+"'`]/g, " ");

/** The words of a comment, without the marks around them. */
const commentWords = (text) => text.replace(/^\/\/+|^\/\*+|\*\/$|^[ \t]*\*+/gm, spaces);

/** A string of one word is a name, a path or a key, unless it ends a sentence. */
const stringWords = (text) =>
  /\s|[.!?]["']$/.test(text) ? text.replace(/^["']|["']$/g, " ") : hideCode(text);

/** Walks over a program once and collects its comments and strings. */
class Scanner {
  #prose = [];
  #at = 0;
  /** For each open template: how many braces are open in its current `${…}`. */
  #openBraces = [];

  constructor(source, { isScript }) {
    this.source = source;
    this.isScript = isScript;
  }

  #take(pattern, words) {
    pattern.lastIndex = this.#at;
    const text = pattern.exec(this.source)?.[0];
    if (!text) return false;
    this.#at += text.length;
    this.#prose.push(words(text));
    return true;
  }

  #takeRegExp() {
    const before = this.source.slice(Math.max(0, this.#at - 20), this.#at);
    return this.isScript && PRECEDES_REGEXP.test(before) && this.#take(REGEXP, hideCode);
  }

  /** A backquote or a brace, and the text of a template that follows it. */
  #takeMark() {
    const mark = this.source[this.#at];
    const innermost = this.#openBraces.length - 1;
    const endsCode = mark === "}" && this.#openBraces[innermost] === 0;
    this.#prose.push(mark === "`" ? " " : CODE);
    this.#at += 1;
    if (this.isScript && (mark === "`" || endsCode)) {
      if (endsCode) this.#openBraces.pop();
      this.#takeTemplateText();
    } else if (innermost >= 0 && mark === "{") this.#openBraces[innermost] += 1;
    else if (innermost >= 0 && mark === "}") this.#openBraces[innermost] -= 1;
  }

  #takeTemplateText() {
    this.#take(TEMPLATE_TEXT, (text) => text);
    const hasCode = this.source.startsWith("${", this.#at);
    if (hasCode) this.#openBraces.push(0);
    const end = hasCode ? "${" : "`";
    this.#prose.push(hasCode ? CODE + CODE : " ");
    this.#at += end.length;
  }

  scan() {
    while (this.#at < this.source.length) {
      const isTaken =
        this.#take(PLAIN_CODE, hideCode) ||
        this.#take(LINE_COMMENT, commentWords) ||
        this.#take(BLOCK_COMMENT, commentWords) ||
        this.#take(STRING, stringWords) ||
        this.#takeRegExp();
      if (!isTaken) this.#takeMark();
    }
    return this.#prose.join("");
  }
}

/**
 * The prose of a file: comments and strings of a program, all of any other file. Every character keeps its place, so
 * that a place in the prose is one in the file.
 */
export const proseOf = (name, source) => {
  if (!C_LIKE.test(name)) return source;
  return new Scanner(source, { isScript: !/\.(?:cc|h)$/.test(name) }).scan();
};
