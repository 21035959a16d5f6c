/** Why a file is not used: what is wrong with it, as the end of a sentence. */
export class DamagedImage extends Error {}
