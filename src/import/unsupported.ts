/** Why a node of another program's net has no counterpart in a graph, as the end of a sentence about the node. */
export class Unsupported extends Error {}
