/**
 * An argument as an unsigned and as a signed 32-bit number: what C's u32 and s32 parameters take of
 * a register.
 */
export const u32 = (value: bigint): number => Number(BigInt.asUintN(32, value));
export const i32 = (value: bigint): number => Number(BigInt.asIntN(32, value));
