import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fromHex, toHex } from '../bytes/hex.ts';
import type { Engine } from '../machine/engine.ts';
import type { Machine } from '../machine/machine.ts';
import { loadObject } from '../object/load.ts';
import type { LoadedObject } from '../object/types.ts';
import type { HookName } from '../spec/program-types.ts';
import { TRIED_ENGINES } from '../testing/engines.ts';
import { inputsFor } from './inputs.ts';
import { mapContents } from './outcome.ts';
import { finish, Session } from './session.ts';

const root = join(import.meta.dirname, '../..');
const folder = join(root, 'core/testdata/kernel');
const read = (name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8'));

interface Answer {
  object: string;
  program: string;
  type: string;
  packet: string;
  retval: number;
  packetOut: string;
  maps: Record<string, [key: string, value: string][]>;
}

const { kernel, answers } = read('answers.json') as { kernel: string; answers: Answer[] };
const packets = new Map(
  (read('packets.json') as { name: string; hex: string }[]).map(({ name, hex }) => [name, hex]),
);
const HOOKS: Record<string, HookName> = {
  xdp: 'xdp',
  sched_cls: 'tc',
  sched_act: 'tc',
  socket_filter: 'socket_filter',
  cgroup_skb: 'cgroup_skb',
};
const linear = new WebAssembly.Memory({ initial: 1 });

/** The packet as BPF_PROG_TEST_RUN gives it back: XDP metadata first. */
const withMetadata = ({ memory, packet }: Machine): Uint8Array =>
  memory.bytes.slice(packet.meta, packet.end);

/** An object is read once for all its programs and packets. */
const objects = new Map<string, LoadedObject>();
function opened(path: string): LoadedObject {
  const object =
    objects.get(path) ?? loadObject('program.o', new Uint8Array(readFileSync(join(root, path))));
  objects.set(path, object);
  return object;
}

function ourAnswer(answer: Answer, engine: Engine) {
  const object = opened(answer.object);
  const hook = HOOKS[answer.type];
  const session = new Session(
    {
      ...inputsFor('program.o', object.bytes),
      program: answer.program,
      hook,
      packets: [{ name: answer.packet, bytes: fromHex(packets.get(answer.packet)!)! }],
      // BPF_PROG_TEST_RUN hands a socket filter the packet from its network header on.
      options: hook === 'socket_filter' ? [['start', 'network']] : [],
      // Its device is the loopback, whose address is 0: to it every frame is for another host, and
      // ff:ff:… only multicast.
      context: hook === 'xdp' ? [] : [['pkt_type', answer.packet === 'arp' ? '2' : '3']],
    },
    linear,
    object,
  );
  session.runBy(engine);
  session.load();
  if (session.problem !== undefined) return session.problem;
  session.begin(0);
  finish(session.complete(0, false));
  const { outcome, machine } = session;
  if (outcome!.r0 === undefined) return outcome!.verdict.reason;
  const maps = Object.fromEntries(
    machine!.maps.map((map, i) => [
      map.definition.name,
      mapContents(machine!, i)
        .entries.map(({ key, value }) => [toHex(key), toHex(value)])
        .sort(),
    ]),
  );
  return {
    retval: Number(BigInt.asUintN(32, outcome!.r0)),
    maps,
    packetOut: toHex(withMetadata(machine!)),
  };
}

test.each(TRIED_ENGINES)(
  `verdict, packet and maps are those of Linux ${kernel}: $name`,
  (engine) => {
    const different: string[] = [];
    let notBuilt = 0;
    for (const answer of answers) {
      const ours = ourAnswer(answer, engine);
      const name = `${answer.object} ${answer.program} on ${answer.packet}`;
      if (typeof ours === 'string' && ours.includes('known but not built here')) {
        notBuilt += 1;
        continue;
      }
      if (typeof ours === 'string' || ours === undefined) {
        different.push(`${name}: ${ours}`);
        continue;
      }
      if (ours.retval !== answer.retval)
        different.push(`${name}: returns ${ours.retval}, the kernel ${answer.retval}`);
      if (['xdp', 'sched_cls'].includes(answer.type) && ours.packetOut !== answer.packetOut)
        different.push(`${name}: sends ${ours.packetOut}, the kernel ${answer.packetOut}`);
      for (const [map, entries] of Object.entries(answer.maps)) {
        const mine = ours.maps[map];
        if (mine && JSON.stringify(mine) !== JSON.stringify(entries.sort()))
          different.push(
            `${name}: map ${map} is ${JSON.stringify(mine).slice(0, 200)}, the ` +
              `kernel's ${JSON.stringify(entries).slice(0, 200)}`,
          );
      }
    }
    console.log(
      `${answers.length} recorded kernel runs ` +
        `compared, ${different.length} different, ${notBuilt} not compared: ` +
        `they use a helper that is not built here`,
    );
    expect(different.slice(0, 20)).toEqual([]);
  },
);
