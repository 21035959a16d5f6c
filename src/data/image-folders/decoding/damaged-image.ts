/** Reports that a file cannot be used. The message completes "NAME cannot be read: …". */
export class DamagedImage extends Error {}
