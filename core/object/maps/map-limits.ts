/**
 * A program can use 64 maps (MAX_USED_MAPS in the kernel); what has far more is no object anybody
 * wrote.
 */
export const MAX_MAPS = 1024;
