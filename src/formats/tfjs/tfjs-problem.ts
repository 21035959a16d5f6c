/** Why a model.json with its files is not valid, as the end of a sentence about it. */
export class TfjsProblem extends Error {}
