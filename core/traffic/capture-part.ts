import { Bug } from '../errors.ts';
import type { Engine } from '../machine/engine.ts';
import type { CorePiece } from '../protocol/cores.ts';
import { openObject } from '../session/open-object.ts';
import type { Work } from '../session/session.ts';
import type { SessionInputs } from '../session/types.ts';
import { type AlongPlace, CaptureMachine, type CaptureTimes } from './capture-machine.ts';
import { ColumnWriter, type JudgedColumns } from './judged-columns.ts';

/** No run asks when its packet came: such programs are not spread. */
const UNTIMED: CaptureTimes = { length: 0, firstTime: undefined, timeOf: () => undefined };

/**
 * The program over some stretches of a capture, on a core of its own: it is given the first packets
 * once, since what they leave is what every stretch begins with, and then pieces that begin at a
 * border or where the last one ended.
 */
export class CapturePart {
  private readonly machine: CaptureMachine;
  private place: AlongPlace;

  private constructor(machine: CaptureMachine) {
    this.machine = machine;
    this.place = CaptureMachine.placeAt(0, machine.start);
  }

  static async begin(
    inputs: SessionInputs,
    engine: Engine,
    linear: WebAssembly.Memory,
  ): Promise<CapturePart> {
    const object = await openObject(inputs);
    const settings = { ...inputs.settings, clock: 'gap' as const };
    const own = { ...inputs, settings };
    return new CapturePart(new CaptureMachine(own, linear, object, UNTIMED, engine));
  }

  /** Runs a piece; gives back between packets. */
  *run({ first, frames }: CorePiece): Work<JudgedColumns> {
    const { machine } = this;
    if (this.place.packet !== first) this.place = this.placeAt(first);
    const count = frames.starts.length;
    const writer = new ColumnWriter(first, count);
    const chunk = { first, count, ...frames };
    yield* machine.run(this.place, chunk, first + count, writer.add, undefined, writer);
    return writer.columns;
  }

  private placeAt(packet: number): AlongPlace {
    const { machine } = this;
    if (machine.isFresh) return CaptureMachine.placeAt(packet, machine.start);
    const { time } = machine.start.surroundings;
    const border = machine.borderOf(packet, () => ({ time, steps: 0 }));
    if (border?.packet !== packet) throw new Bug(`packet ${packet} begins no stretch`);
    return border;
  }
}
