import { useMemo, useState } from 'react';
import type { SessionView, Snapshot } from '../../../core/protocol/messages.ts';
import { PACKET_TEMPLATES } from '../../../core/spec/packet-templates.ts';
import { addTemplate, duplicatePacket } from '../../actions/packets.ts';
import { keepTests } from '../../actions/tests.ts';
import { attempt, wish } from '../../actions/wish.ts';
import { FEW_PACKETS } from '../../stores/many-packets.ts';
import { useSession } from '../../stores/session.ts';
import { pointAtBytes, selectBytes, useUi } from '../../stores/ui.ts';
import { EditableText } from '../../ui/EditableText.tsx';
import { HexGrid } from '../../ui/HexGrid.tsx';
import { Icon } from '../../ui/icons.tsx';
import {
  BYTE_CHANGED,
  BYTE_EVER_READ,
  BYTE_EVER_WRITTEN,
  BYTE_READ,
  BYTE_WRITTEN,
  DECIDED,
  flagsOf,
  HOVERED,
  SELECTED,
} from '../../ui/marks.ts';
import { FieldFind } from './FieldFind.tsx';
import { FieldTree } from './FieldTree.tsx';
import { Choice, HeadersForm } from './HeadersForm.tsx';
import { PacketLegend, SelectedBytes } from './PacketFoot.tsx';
import { PacketList } from './PacketList.tsx';
import { PastePacket } from './PastePacket.tsx';
import { TestPanel } from './TestPanel.tsx';
import './packet.css';

/** The packets, and the selected one as fields and as bytes. */
export function PacketPane() {
  const view = useSession((state) => state.view);
  const snapshot = useSession((state) => state.snapshot);
  const [open, setOpen] = useState<'paste' | 'headers'>();
  const [fix, setFix] = useState(true);
  if (!view || !snapshot) return null;
  const notes = view.packetNotes.join('; ');
  return (
    <div className="packet-pane">
      {view.packetNames.length <= FEW_PACKETS && (
        <PacketList rows={view.packetRows.rows} selected={view.packet} />
      )}
      <TestPanel />
      <div className="packet-tools">
        <button
          type="button"
          className="button small"
          aria-expanded={open === 'paste'}
          onClick={() => setOpen(open === 'paste' ? undefined : 'paste')}
        >
          <Icon name="add" /> Paste packet
        </button>
        <Choice
          label="New packet"
          words="New packet…"
          choices={PACKET_TEMPLATES.map(({ name }) => name)}
          onChoose={(chosen) => addTemplate(PACKET_TEMPLATES[chosen]?.name ?? '')}
        />
        {view.packetNames.length > 0 && (
          <button
            type="button"
            className="button small"
            title="The selected packet once more, right behind it"
            onClick={() => duplicatePacket()}
          >
            <Icon name="copy" /> Duplicate
          </button>
        )}
        {view.hook !== 'ubpf' && (
          <button
            type="button"
            className="button small"
            aria-expanded={open === 'headers'}
            onClick={() => setOpen(open === 'headers' ? undefined : 'headers')}
          >
            <Icon name="lines" /> Headers
          </button>
        )}
        <div className="field">
          <span>Length</span>
          <EditableText
            className="length"
            label="Packet length in bytes"
            text={String(view.packetBytes.length)}
            onSet={resize}
          />
        </div>
        <label className="check">
          <input type="checkbox" checked={fix} onChange={(event) => setFix(event.target.checked)} />
          <span>fix checksums after an edit</span>
        </label>
        <button
          type="button"
          className="button small"
          onClick={() => wish({ type: 'fix-checksums' })}
        >
          Fix now
        </button>
        {view.outcome && view.expectations.length === 0 && (
          <button
            type="button"
            className="button small"
            title="What the packets come to now is what they must come to from here on (Shift+T)"
            onClick={() => keepTests()}
          >
            <Icon name="test" /> Keep as tests
          </button>
        )}
        {view.packetAlternatives.length > 0 && (
          <OtherReadings alternatives={view.packetAlternatives} />
        )}
        {notes && (
          <span className="packet-notes" title={notes}>
            {notes}
          </span>
        )}
      </div>
      {open === 'paste' && <PastePacket onDone={() => setOpen(undefined)} />}
      {open === 'headers' && (
        <HeadersForm
          rows={view.packetStack}
          bytes={view.packetBytes}
          name={view.packetNames[view.packet] ?? ''}
          onRename={(name) => attempt({ type: 'rename-packet', index: view.packet, name })}
        />
      )}
      <PacketView view={view} snapshot={snapshot} fixChecksums={fix} />
    </div>
  );
}

/** Other ways to read what was pasted last: one click takes one. */
function OtherReadings({ alternatives }: { alternatives: SessionView['packetAlternatives'] }) {
  return (
    <fieldset className="other-readings">
      <legend>Also read as</legend>
      {alternatives.map(({ dialect, label, packets }) => (
        <button
          key={dialect}
          type="button"
          className="button small"
          onClick={() => wish({ type: 'read-packet-as', dialect })}
        >
          {label}
          {packets > 1 ? `, ${packets} packets` : ''}
        </button>
      ))}
    </fieldset>
  );
}

const resize = (text: string) => attempt({ type: 'resize-packet', length: Number(text) });

/**
 * Fields over bytes. Where the program changed the packet, a switch shows it as it is now or as it
 * goes in.
 */
function PacketView({
  view,
  snapshot,
  fixChecksums,
}: {
  view: SessionView;
  snapshot: Snapshot;
  fixChecksums: boolean;
}) {
  const finding = useUi((state) => state.finding);
  const [wantsInput, setWantsInput] = useState(false);
  const memory = snapshot.packetMemory;
  const differs = memory.changed.length > 0 || memory.bytes.length !== view.packetBytes.length;
  const now = differs && !wantsInput;
  const running = snapshot.status === 'paused';
  const onEdit = now ? running && editNow : editBefore;
  const dissection = (now && memory.dissection) || view.dissection;
  return (
    <>
      {differs && (
        <fieldset className="segments small packet-switch">
          <legend>The program changed the packet. Show it</legend>
          <label>
            <input
              type="radio"
              name="packet-shown"
              checked={now}
              onChange={() => setWantsInput(false)}
            />
            <span>at this step{running ? ', to change it in the run' : ''}</span>
          </label>
          <label>
            <input
              type="radio"
              name="packet-shown"
              checked={!now}
              onChange={() => setWantsInput(true)}
            />
            <span>as it goes in, to edit</span>
          </label>
        </fieldset>
      )}
      {finding === 'fields' && <FieldFind dissection={dissection} />}
      <div className="packet-body">
        <FieldTree
          dissection={dissection}
          onEdit={
            now
              ? undefined
              : (node, text) =>
                  attempt({
                    type: 'edit-field',
                    name: node.name,
                    offset: node.offset,
                    text,
                    fixChecksums,
                  })
          }
        />
        <PacketBytes
          bytes={now ? memory.bytes : view.packetBytes}
          memory={memory}
          onEdit={onEdit}
        />
      </div>
    </>
  );
}

const editBefore = (offset: number, byte: number) =>
  wish({ type: 'edit-packet', offset, bytes: Uint8Array.of(byte) });

/** In the middle of the run. */
const editNow = (offset: number, byte: number) =>
  wish({
    type: 'edit',
    target: { kind: 'memory', region: { kind: 'packet' }, offset },
    value: byte.toString(16).padStart(2, '0'),
  });
const NONE: [number, number][] = [];

function PacketBytes({
  bytes,
  memory,
  onEdit,
}: {
  bytes: Uint8Array;
  memory: Snapshot['packetMemory'];
  /** False: it can only be looked at. */
  onEdit: false | ((offset: number, byte: number) => void);
}) {
  const hovered = useUi((state) => state.hoverBytes);
  const selected = useUi((state) => state.selectedBytes);
  const decided =
    useUi((state) => (state.answerMarked ? state.answer?.why.decided : undefined)) ?? NONE;
  const flags = useMemo(
    () =>
      flagsOf(bytes.length, [
        [memory.everRead, BYTE_EVER_READ],
        [memory.everWritten, BYTE_EVER_WRITTEN],
        [decided, DECIDED],
        [memory.changed, BYTE_CHANGED],
        [memory.read, BYTE_READ],
        [memory.written, BYTE_WRITTEN],
        [selected ? [[selected.start, selected.end]] : [], SELECTED],
        [hovered ? [[hovered.start, hovered.end]] : [], HOVERED],
      ]),
    [bytes, memory, decided, selected, hovered],
  );
  const carets = useMemo(() => {
    const names = new Map<number, string>();
    for (const { register, offset } of memory.carets)
      names.set(offset, names.has(offset) ? `${names.get(offset)},${register}` : register);
    return names;
  }, [memory]);
  const grid = (
    <HexGrid
      label="Packet bytes"
      bytes={bytes}
      flags={flags}
      carets={carets}
      selected={selected}
      onHover={pointAtBytes}
      onSelect={selectBytes}
      onEdit={onEdit || undefined}
    />
  );
  return (
    <div className="packet-bytes">
      {grid}
      <footer className="packet-foot">
        <PacketLegend flags={flags} />
        {selected && selected.end <= bytes.length ? (
          <SelectedBytes selected={selected} />
        ) : (
          // Its room is kept: a line that opened under the pointer would move what a double click
          // is meant for.
          <div className="selected-bytes" aria-hidden="true" />
        )}
      </footer>
    </div>
  );
}
