/** Extensions of the supported formats, in upper or lower case. */
const READ = /\.(?:jpe?g|jpe|jfif|png|webp|gif|tiff?|avif)$/i;
/** Extensions of unsupported image formats. */
const UNREAD =
  /\.(?:heic|heif|bmp|jxl|jp2|j2k|psd|svg|ico|p[bgnp]m|tga|dng|cr[23]|nef|arw|orf|rw2|raf)$/i;

/** Whether a file is read as an image, by its name. */
export const isImageName = (name: string): boolean => READ.test(name);

/** The extension of an unsupported image format, in capitals; undefined for any other name. */
export const unreadFormat = (name: string): string | undefined =>
  UNREAD.exec(name)?.[0].slice(1).toUpperCase();

/** Whether a name ends in a file extension; class folders have none. */
export const hasFileEnding = (name: string): boolean => /\.[a-z][a-z0-9]{0,4}$/i.test(name);
