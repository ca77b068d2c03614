/**
 * What plain numbers count, where it has to be told apart. These are names, not checks: a signature
 * says by them in which space a number is meant, and where that space begins.
 */

/**
 * Index of an 8-byte slot in the code space: the code of all programs a run can reach, one behind
 * the other (program/code.ts). A 64-bit immediate load takes two.
 */
export type Pc = number;
/**
 * Index of a slot in the linked code of one program (object/types.ts), from its own first slot on:
 * a Pc less the program's start.
 */
export type ProgramPc = number;
/**
 * Instructions executed since the packet came in, those of callbacks and of one that faults
 * counted; 0: before the first.
 */
export type Step = number;

/** Bytes from the start of the object file. */
export type FileOffset = number;
/** Bytes from the start of a section of the object file. */
export type SectionOffset = number;
/** Bytes from the start of a map's value. */
export type ValueOffset = number;
/**
 * Bytes from the first byte of a region of guest memory; negative in front of it. What is shown of
 * it has RegionInfo.origin added (memory/memory.ts).
 */
export type RegionOffset = number;

/** Byte of the WebAssembly memory in which all of a worker's guest memory lies; from its start. */
export type LinearAddress = number;
/**
 * An address as a program sees it: the region in the upper half, the offset in it in the lower one
 * (memory/memory.ts). Also any number that a program uses as an address.
 */
export type GuestAddress = bigint;
/** Number of a region of guest memory: a row of the table of regions; 0: none. */
export type RegionNumber = number;

/** A time since the virtual clock's 0, or a span of it; an instruction takes 1 ns. */
export type Nanoseconds = bigint;
