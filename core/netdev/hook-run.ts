/** Packets past the programs of one hook, in the order in which these are asked. */
import { isEqualBytes } from '../bytes/equal.ts';
import { present } from '../errors.ts';
import type { Verdict } from '../hooks/verdict.ts';
import { fieldsGiven, fieldsOfFrame, type GivenPacket } from '../session/handed-on.ts';
import type { RunOutcome } from '../session/outcome.ts';
import type { Work } from '../session/session.ts';
import type { HandedOn, SessionInputs } from '../session/types.ts';
import {
  type AfterCode,
  type ListHook,
  TC_UNSPEC,
  type TcPlace,
  XDP_PASS,
} from '../spec/hook-lists.ts';
import { type Action, programType } from '../spec/program-types.ts';
import { afterCgroupCode, cgroupCode, withoutControlBlock } from './cgroup-programs.ts';
import {
  inAskedOrder,
  isAttached,
  type LoadedOf,
  settledPrograms,
  type WholeHookList,
} from './hook-list.ts';
import {
  HookMachine,
  type HookMachineParts,
  inputsOfHookProgram,
  type PassedPacket,
} from './hook-machine.ts';
import { afterTcCode, CLASS_FIELD } from './tc-programs.ts';
import { actionBits, goesOnAfter, type XdpSettings } from './xdp-programs.ts';

/** What a packet met at one program. */
export interface HookStep {
  readonly id: string;
  readonly verdict: Verdict;
  readonly steps: number;
  /** What the program was given, as the one in front of it left it. */
  readonly given: GivenPacket;
  /**
   * Fields that held something else than they would have for the first one asked; of XDP metadata,
   * in hex.
   */
  readonly saw: () => readonly (readonly [field: string, value: string])[];
  readonly isChanged: boolean;
  readonly after: AfterCode;
}

/** What became of a packet behind all of them. */
export interface HookResult {
  /** The code that stands; undefined where a program faulted without one. */
  readonly code: number | undefined;
  readonly name: string;
  readonly action: Action;
  /** Id of the program that decided. */
  readonly by: string | undefined;
  readonly packetOut: Uint8Array;
  /** What is left beside its bytes: metadata of XDP. */
  readonly handed: HandedOn | undefined;
}

export interface HookPacket {
  readonly steps: readonly HookStep[];
  readonly result: HookResult;
}

/** Packets that a program ended with a code. */
export interface CodeCount {
  readonly name: string;
  readonly action: Action;
  readonly after: AfterCode;
  packets: number;
}

/** What a program did so far. */
export interface HookCounts {
  seen: number;
  changed: number;
  steps: number;
  readonly codes: Map<string, CodeCount>;
}

/** Codes that are told apart: a program may return any number. */
const MOST_CODES = 64;
const OTHER_CODES = 'others';

export interface HookRunParts {
  readonly whole: WholeHookList;
  readonly session: SessionInputs;
  readonly loadedOf: LoadedOf;
  /** Of one machine more. */
  readonly memory: () => WebAssembly.Memory;
  readonly engine: HookMachineParts['engine'];
}

/** A packet on its way. */
interface Travelling {
  readonly place: number;
  given: GivenPacket;
  readonly first: Uint8Array;
  readonly steps: HookStep[];
  isTcxOver: boolean;
  result: HookResult | undefined;
}

const NONE_DECIDES: Readonly<Record<ListHook, number>> = {
  tc: TC_UNSPEC,
  xdp: XDP_PASS,
  cgroup_skb: cgroupCode([]),
};

export class HookRun {
  /** Those that are attached, in the order in which they are asked. */
  readonly machines: readonly HookMachine[];
  readonly counts: readonly HookCounts[];
  /** Packets by what became of them. */
  readonly results = new Map<string, { readonly action: Action; packets: number }>();
  packets = 0;
  private readonly hook: ListHook;

  /** Throws InputError where a program cannot be run. */
  constructor({ whole, session, loadedOf, memory, engine }: HookRunParts) {
    const { list } = whole;
    this.hook = list.hook;
    this.machines = inAskedOrder(settledPrograms(whole, loadedOf))
      .filter(isAttached)
      .map(
        (settled) =>
          new HookMachine(settled, inputsOfHookProgram(settled, list, session), {
            loaded: loadedOf(settled.object),
            memory: memory(),
            engine,
          }),
      );
    this.counts = this.machines.map(() => ({ seen: 0, changed: 0, steps: 0, codes: new Map() }));
  }

  /**
   * Packets in their order; what each met. `upTo`: they are left in front of that program, those
   * that do not come to it have what became of them.
   */
  *take(frames: readonly Uint8Array[], upTo = this.machines.length): Work<HookPacket[]> {
    const packets = yield* this.travel(frames, upTo);
    for (const { result } of packets) this.countResult(present(result, 'what became of a packet'));
    this.packets += packets.length;
    return packets.map(({ steps, result }) => ({ steps, result: present(result, 'a result') }));
  }

  /** The same up to a program: packets that come to it, as they do. */
  *comingTo(frames: readonly Uint8Array[], upTo: number) {
    const packets = yield* this.travel(frames, upTo);
    return packets.flatMap(({ place, given, result }) => (result ? [] : [{ place, given }]));
  }

  private *travel(frames: readonly Uint8Array[], upTo: number): Work<Travelling[]> {
    const packets = frames.map((bytes, place): Travelling => {
      const given = { bytes };
      return { place, given, first: bytes, steps: [], isTcxOver: false, result: undefined };
    });
    for (let at = 0; at < upTo; at++) yield* this.ask(at, packets);
    if (upTo === this.machines.length)
      for (const packet of packets) packet.result ??= this.undecided(packet);
    return packets;
  }

  private *ask(at: number, packets: readonly Travelling[]): Work<void> {
    const machine = this.machines[at];
    const { where } = machine.settled;
    const asked = packets.filter(
      ({ result, isTcxOver }) => result === undefined && !(isTcxOver && this.isOfTcx(at)),
    );
    if (where === 'cls_bpf' && at > 0) for (const packet of asked) clearClass(packet, machine);
    const passed = yield* machine.pass(asked.map(({ given }) => given));
    for (const [i, packet] of asked.entries()) this.goOn(at, packet, passed[i]);
  }

  private isOfTcx(at: number): boolean {
    return this.hook === 'tc' && this.machines[at].settled.where === 'tcx';
  }

  private goOn(at: number, packet: Travelling, { outcome, handed }: PassedPacket): void {
    const { settled, session } = this.machines[at];
    const { given, first } = packet;
    const { verdict, steps, packetOut } = outcome;
    const after = this.afterOf(at, outcome, packet);
    const isChanged = !isEqualBytes(given.bytes, packetOut);
    const saw = () => sawOf(session, given, first);
    packet.steps.push({ id: settled.entry.id, verdict, steps, given, saw, isChanged, after });
    this.count(at, outcome, after, isChanged);
    const left = this.hook === 'cgroup_skb' ? withoutControlBlock(handed) : handed;
    packet.given = { bytes: packetOut, ...(left && { handed: left }) };
    if (after === 'ends-tcx') packet.isTcxOver = true;
    if (after === 'final' || after === 'faulted')
      packet.result = {
        code: verdict.code,
        name: verdict.name,
        action: verdict.action,
        by: settled.entry.id,
        packetOut,
        handed,
      };
  }

  private afterOf(at: number, { fault, verdict }: RunOutcome, packet: Travelling): AfterCode {
    if (fault) return 'faulted';
    const { where, xdp } = this.machines[at].settled;
    const { code = NONE_DECIDES[this.hook] } = verdict;
    const rule = this.ruleOf(code, where, xdp);
    if (rule !== 'asked') return rule;
    return this.isAnyLeft(at, packet) ? 'asked' : 'none-left';
  }

  private ruleOf(code: number, where: TcPlace, xdp: XdpSettings | undefined): AfterCode {
    if (this.hook === 'cgroup_skb') return afterCgroupCode(code);
    if (xdp) return goesOnAfter(code, actionBits(xdp.actions)) ? 'asked' : 'final';
    return afterTcCode(where, code);
  }

  private isAnyLeft(at: number, { isTcxOver }: Travelling): boolean {
    return this.machines.some((_, other) => other > at && !(isTcxOver && this.isOfTcx(other)));
  }

  /** No program decided alone: the packet goes on, of a cgroup unless one has refused it. */
  private undecided({ given, steps }: Travelling): HookResult {
    const codes = steps.flatMap(({ verdict }) => verdict.code ?? []);
    const code = this.hook === 'cgroup_skb' ? cgroupCode(codes) : NONE_DECIDES[this.hook];
    const by = steps.find(({ after }) => after === 'refuses')?.id;
    const { name, action } = present(
      programType(this.hook).verdicts.find((row) => row.code === code),
      'the code of a hook',
    );
    return { code, name, action, by, packetOut: given.bytes, handed: given.handed };
  }

  private count(at: number, { verdict, steps }: RunOutcome, after: AfterCode, isChanged: boolean) {
    const counts = this.counts[at];
    counts.seen += 1;
    counts.steps += steps;
    if (isChanged) counts.changed += 1;
    const { codes } = counts;
    const key = `${verdict.name} ${after}`;
    const known = codes.get(key) ?? (codes.size < MOST_CODES ? undefined : codes.get(OTHER_CODES));
    if (known) known.packets += 1;
    else {
      const isOther = codes.size >= MOST_CODES;
      const { name, action } = verdict;
      codes.set(isOther ? OTHER_CODES : key, {
        name: isOther ? OTHER_CODES : name,
        action,
        after,
        packets: 1,
      });
    }
  }

  private countResult({ name, action }: HookResult): void {
    const known = this.results.get(name);
    if (known) known.packets += 1;
    else this.results.set(name, { action, packets: 1 });
  }
}

/** Fields that hold something else than they did for the program that was asked first. */
function sawOf(
  session: HookMachine['session'],
  given: GivenPacket,
  first: Uint8Array,
): readonly (readonly [field: string, value: string])[] {
  const { fields, front } = given.handed ?? {};
  const metadata = front?.metadata ? [['metadata', front.metadata] as const] : [];
  if (fields === undefined) return metadata;
  const before = fieldsOfFrame(session, first);
  const others = [...fieldsGiven(session, given)].flatMap(([name, value]) =>
    value === before.get(name) ? [] : [[name, value.toString()] as const],
  );
  return [...metadata, ...others];
}

/** cls_bpf gives each of its programs the class of its filter. */
function clearClass(packet: Travelling, { session }: HookMachine): void {
  const { bytes, handed = {} } = packet.given;
  const fields = handed.fields ?? [];
  const value = new Map(fields).get(CLASS_FIELD) ?? classOf(session.inputs);
  if (BigInt(value) === 0n) return;
  const others = fields.filter(([name]) => name !== CLASS_FIELD);
  packet.given = { bytes, handed: { ...handed, fields: [...others, [CLASS_FIELD, '0']] } };
}

/** What the user has set. */
const classOf = ({ context }: SessionInputs): string => new Map(context).get(CLASS_FIELD) ?? '0';
