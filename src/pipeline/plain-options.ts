/** A sentence of the command line in words of a recipe, which has its options without dashes. */
export const plainOptions = (text: string): string =>
  text
    .replace(/(?<![\w-])--download\b/g, "download: true")
    .replace(/(?<![\w-])--(?=[A-Za-z])/g, "");
