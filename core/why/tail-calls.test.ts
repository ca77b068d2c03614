import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { fromHex } from '../bytes/hex.ts';
import type { Explanation } from '../protocol/messages.ts';
import { inputsFor } from '../session/inputs.ts';
import { finish, type Session } from '../session/session.ts';
import type { MapPreset } from '../session/types.ts';
import { openSession } from '../testing/run.ts';
import { explainResult } from './why.ts';

const FRAME = fromHex(`${'02'.repeat(12)}0800${'45'.padEnd(80, '0')}`)!;

function opened(program: string, maps: MapPreset[] = [], compiler = 19): Session {
  const name = `chain-clang${compiler}.o`;
  const bytes = new Uint8Array(readFileSync(`core/testdata/why/${name}`));
  const packets = [{ name: 'ip', bytes: FRAME }];
  return openSession({ ...inputsFor(name, bytes), program, packets, maps });
}

const why = (session: Session): Explanation => finish(explainResult(session, undefined));
const slot = (index: number, value: string): MapPreset => ({
  map: 'jmp',
  key: `0${index}000000`,
  value,
});

test.each([14, 19])('an empty slot is the reason, with its line: clang-%i', (compiler) => {
  const { text, more } = why(opened('stage_0', [], compiler));
  expect(text).toBe(
    'XDP: XDP_ABORTED (0): jmp[1] is empty, so bpf_tail_call came back, called at chain.c:14.',
  );
  expect(more[0]).toMatch(/^eth\.type/);
});

test('of a chain the slot that is empty is the reason, not the one that was followed', () => {
  const { text, lookups } = why(opened('stage_0', [slot(1, 'stage_1')]));
  expect(text).toMatch(/: jmp\[2\] is empty, so bpf_tail_call came back, called at chain\.c:20\.$/);
  expect(lookups.map(({ map, keyText }) => `${map}[${keyText}]`)).toEqual(['jmp[2]']);
});

test('the program that is offered for a slot comes to what is said of it', () => {
  const [{ change }] = why(opened('stage_0', [slot(1, 'stage_1')])).lookups;
  expect(change).toEqual({ value: 'stage_2', verdict: 'XDP: XDP_PASS (2)' });
  const filled = opened('stage_0', [slot(1, 'stage_1'), slot(2, change!.value)]);
  expect(filled.outcome!.verdict.text).toBe(change!.verdict);
});

test('of two that came back the one nearer to the end decided; both are told', () => {
  const { text, lookups } = why(opened('bystander'));
  expect(text).toMatch(/: jmp\[1\] is empty/);
  expect(lookups.map(({ map, missed }) => [map, missed])).toEqual([
    ['side', 'empty'],
    ['jmp', 'empty'],
  ]);
});

test('a chain that the limit ended says so, and an index past the end', () => {
  expect(why(opened('again')).text).toMatch(
    /: bpf_tail_call through self\[0\] came back: it was one more than the 33 of a run, called at/,
  );
  expect(why(opened('past')).text).toMatch(/: jmp\[7\] is past the end of the map/);
});

test('a program of another type is not taken', () => {
  expect(opened('stage_0', [slot(1, 'of_another_type')]).problem).toMatch(
    /map "jmp": program "of_another_type" is of another type/,
  );
});
