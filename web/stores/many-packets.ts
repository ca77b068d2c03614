/** Packets that a list beside the program has in sight at once; of more there is a layout. */
export const FEW_PACKETS = 8;
