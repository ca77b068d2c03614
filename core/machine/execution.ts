/**
 * What the interpreter switches on: one number for each thing to do, without regard to where the
 * operand comes from (an immediate lies in a register slot of its own). Single constants, since a
 * bundler puts those into the switch. 0 is also what is read where there is no code. Loads come
 * last, stores behind them: the interpreter tells them by that.
 */
export const INVALID = 0;
export const ADD64 = 1;
export const ADD32 = 2;
export const SUB64 = 3;
export const SUB32 = 4;
export const MUL64 = 5;
export const MUL32 = 6;
export const DIV64 = 7;
export const DIV32 = 8;
export const SDIV64 = 9;
export const SDIV32 = 10;
export const MOD64 = 11;
export const MOD32 = 12;
export const SMOD64 = 13;
export const SMOD32 = 14;
export const OR64 = 15;
export const OR32 = 16;
export const AND64 = 17;
export const AND32 = 18;
export const XOR64 = 19;
export const XOR32 = 20;
export const LSH64 = 21;
export const LSH32 = 22;
export const RSH64 = 23;
export const RSH32 = 24;
export const ARSH64 = 25;
export const ARSH32 = 26;
export const MOV64 = 27;
export const MOV32 = 28;
export const NEG64 = 29;
export const NEG32 = 30;
export const MOVSX8_64 = 31;
export const MOVSX16_64 = 32;
export const MOVSX32_64 = 33;
export const MOVSX8_32 = 34;
export const MOVSX16_32 = 35;
export const SWAP16 = 36;
export const SWAP32 = 37;
export const SWAP64 = 38;
export const LOW16 = 39;
export const LOW32 = 40;
export const LOW64 = 41;
export const JEQ64 = 42;
export const JEQ32 = 43;
export const JNE64 = 44;
export const JNE32 = 45;
export const JGT64 = 46;
export const JGT32 = 47;
export const JGE64 = 48;
export const JGE32 = 49;
export const JLT64 = 50;
export const JLT32 = 51;
export const JLE64 = 52;
export const JLE32 = 53;
export const JSET64 = 54;
export const JSET32 = 55;
export const JSGT64 = 56;
export const JSGT32 = 57;
export const JSGE64 = 58;
export const JSGE32 = 59;
export const JSLT64 = 60;
export const JSLT32 = 61;
export const JSLE64 = 62;
export const JSLE32 = 63;
export const JA = 64;
export const MAY_GOTO = 65;
export const CALL = 66;
export const CALL_LOCAL = 67;
export const CALL_KFUNC = 68;
export const CALLX = 69;
export const EXIT = 70;
export const ATOMIC = 71;
export const LDDW = 72;
export const PACKET = 73;
export const GOTOX = 74;
export const LDX8 = 75;
export const LDX16 = 76;
export const LDX32 = 77;
export const LDX64 = 78;
export const LDXS8 = 79;
export const LDXS16 = 80;
export const LDXS32 = 81;
export const STX8 = 82;
export const STX16 = 83;
export const STX32 = 84;
export const STX64 = 85;

/** What the interpreter's loop carries out itself, besides memory accesses. */
const FAST = {
  add64: ADD64,
  add32: ADD32,
  sub64: SUB64,
  sub32: SUB32,
  mul64: MUL64,
  mul32: MUL32,
  div32: DIV32,
  sdiv32: SDIV32,
  mod32: MOD32,
  smod32: SMOD32,
  or64: OR64,
  or32: OR32,
  and64: AND64,
  and32: AND32,
  xor64: XOR64,
  xor32: XOR32,
  lsh64: LSH64,
  lsh32: LSH32,
  rsh64: RSH64,
  rsh32: RSH32,
  arsh64: ARSH64,
  arsh32: ARSH32,
  mov64: MOV64,
  mov32: MOV32,
  neg64: NEG64,
  neg32: NEG32,
  movsx8_64: MOVSX8_64,
  movsx16_64: MOVSX16_64,
  movsx32_64: MOVSX32_64,
  movsx8_32: MOVSX8_32,
  movsx16_32: MOVSX16_32,
  swap16: SWAP16,
  swap32: SWAP32,
  swap64: SWAP64,
  low16: LOW16,
  low32: LOW32,
  low64: LOW64,
  jeq64: JEQ64,
  jeq32: JEQ32,
  jne64: JNE64,
  jne32: JNE32,
  jgt64: JGT64,
  jgt32: JGT32,
  jge64: JGE64,
  jge32: JGE32,
  jlt64: JLT64,
  jlt32: JLT32,
  jle64: JLE64,
  jle32: JLE32,
  jset64: JSET64,
  jset32: JSET32,
  jsgt64: JSGT64,
  jsgt32: JSGT32,
  jsge64: JSGE64,
  jsge32: JSGE32,
  jslt64: JSLT64,
  jslt32: JSLT32,
  jsle64: JSLE64,
  jsle32: JSLE32,
  ja: JA,
  lddw: LDDW,
} as const;

/** What it leaves to slow.ts: what calls something, or needs big integers. */
const SLOW = {
  div64: DIV64,
  sdiv64: SDIV64,
  mod64: MOD64,
  smod64: SMOD64,
  gotox: GOTOX,
  may_goto: MAY_GOTO,
  call: CALL,
  call_local: CALL_LOCAL,
  call_kfunc: CALL_KFUNC,
  callx: CALLX,
  exit: EXIT,
  atomic: ATOMIC,
  packet: PACKET,
  invalid: INVALID,
} as const;

/** Loads and stores: by the loop where its region check allows them, else by slow.ts. */
const MEMORY = {
  ldx8: LDX8,
  ldx16: LDX16,
  ldx32: LDX32,
  ldx64: LDX64,
  ldxs8: LDXS8,
  ldxs16: LDXS16,
  ldxs32: LDXS32,
  stx8: STX8,
  stx16: STX16,
  stx32: STX32,
  stx64: STX64,
} as const;

/**
 * The number of each operation by its name; `executionOf` (code-space.ts) finds the name from the
 * instruction's row.
 */
export const EXECUTION = { ...FAST, ...SLOW, ...MEMORY };

export type Execution = keyof typeof EXECUTION;

type Numbers<Table> = Table[keyof Table];
/** The numbers, by who has a case for them: a switch without one does not build. */
export type FastCode = Numbers<typeof FAST>;
export type SlowCode = Numbers<typeof SLOW>;
export type MemoryCode = Numbers<typeof MEMORY>;
export type ExecutionCode = FastCode | SlowCode | MemoryCode;
