/** The map types and flags of the uapi header linux/bpf.h that loading an object has to know. */
export const MAP_TYPE_ARRAY = 2;
export const MAP_TYPE_PROG_ARRAY = 3;
const MAP_TYPE_ARRAY_OF_MAPS = 12;
const MAP_TYPE_HASH_OF_MAPS = 13;
export const MAP_FLAG_READ_ONLY_FOR_PROGRAM = 1 << 7;

/** A program can use 64 maps (MAX_USED_MAPS in the kernel); what has far more is no object anybody wrote. */
export const MAX_MAPS = 1024;

export const isMapInMap = (type: number): boolean => type === MAP_TYPE_ARRAY_OF_MAPS || type === MAP_TYPE_HASH_OF_MAPS;
