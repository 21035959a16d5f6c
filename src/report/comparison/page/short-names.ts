const endOf = (file: string, parts: number): string => file.split(/[/\\]/).slice(-parts).join("/");

const nameOf = (file: string, others: readonly string[]): string => {
  const most = file.split(/[/\\]/).length;
  for (let parts = 1; parts < most; parts++) {
    const name = endOf(file, parts);
    if (others.every((other) => endOf(other, parts) !== name)) return name;
  }
  return file;
};

/** Of each file its own name, with as many of its folders as tell it from the others: prune/nin.pth, wqaq/nin.pth. */
export const shortNames = (files: readonly string[]): readonly string[] =>
  files.map((file, at) =>
    nameOf(
      file,
      files.filter((other, place) => place !== at && other !== file),
    ),
  );
