import type { SessionView, Settings } from '../../../core/protocol/messages.ts';
import { PROGRAM_TYPES, type ProgramTypeRow } from '../../../core/spec/program-types.ts';
import { wish } from '../../actions/wish.ts';
import { useSession } from '../../stores/session.ts';
import { EditableText } from '../../ui/EditableText.tsx';
import { count } from '../../ui/format.ts';
import { VerdictChip } from '../../ui/VerdictChip.tsx';
import { Copyable } from '../shared/Copyable.tsx';
import { ContextTable } from './ContextTable.tsx';
import { NetworkTables } from './NetworkTables.tsx';
import './hook.css';

/**
 * What the hook decided and why, what the program is handed, and how to set the same up elsewhere.
 */
export function HookPane() {
  const view = useSession((state) => state.view);
  if (!view) return null;
  const row: ProgramTypeRow | undefined = PROGRAM_TYPES.find(({ name }) => name === view.hook);
  return (
    <section className="scroll hook-pane" tabIndex={0} aria-label="Hook">
      <VerdictSection view={view} />
      {row && (
        <section>
          <h2>{row.label}</h2>
          <p>{row.doc}</p>
          {row.verdicts.length > 0 && <VerdictTable row={row} code={view.outcome?.verdict.code} />}
        </section>
      )}
      <ContextTable inputs={view.context} />
      <SettingsSection view={view} />
      <NetworkTables network={view.network} />
      {view.qemu && (
        <section>
          <h2>The same in QEMU</h2>
          <Copyable label="QEMU command line" text={view.qemu.commandLine} />
          <Copyable label="QMP object-add" text={view.qemu.qmp} />
          <p className="note">{view.qemu.note}</p>
        </section>
      )}
    </section>
  );
}

function VerdictSection({ view }: { view: SessionView }) {
  const { outcome, programError } = view;
  return (
    <section>
      <h2>Verdict</h2>
      {programError && <p className="problem-text">{programError}</p>}
      {outcome && (
        <>
          <p className="verdict-line">
            <VerdictChip verdict={outcome.verdict} /> <code>{outcome.verdict.text}</code>
          </p>
          {outcome.verdict.reason && <p>{outcome.verdict.reason}</p>}
          {outcome.fault && (
            <p className="problem-text">
              Fault: {outcome.fault.message}. {outcome.fault.advice}
            </p>
          )}
          {outcome.verdict.warning && <p className="warning-text">{outcome.verdict.warning}</p>}
          <p className="note">
            {outcome.ran ? `${count(outcome.steps)} instructions` : 'The program was not run'}
            {outcome.r0 && `, r0 = ${outcome.r0}`}
          </p>
        </>
      )}
    </section>
  );
}

function VerdictTable({ row, code }: { row: ProgramTypeRow; code: number | undefined }) {
  return (
    <table className="table">
      <caption className="hidden">What this hook's return values mean</caption>
      <tbody>
        {row.verdicts.map((verdict) => (
          <tr key={verdict.code} aria-current={verdict.code === code ? 'true' : undefined}>
            <td className="number">{verdict.code}</td>
            <th scope="row">{verdict.name}</th>
            <td>{verdict.doc}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const SETTINGS = [
  { name: 'seed', label: 'Random seed', doc: 'Seed of bpf_get_prandom_u32' },
  {
    name: 'time',
    label: 'Clock, ns',
    doc: 'bpf_ktime_get_ns at step 0; each instruction adds 1 ns',
  },
  {
    name: 'cpu',
    label: 'CPU',
    doc: 'bpf_get_smp_processor_id, and whose per-CPU values a lookup sees',
  },
  {
    name: 'cpus',
    label: 'CPUs',
    doc: 'How many there are: values of a per-CPU map, shares of an LRU map',
  },
  {
    name: 'gap',
    label: 'Gap, ns',
    doc: 'From the end of a program to the next packet: timers due by then fire',
  },
  { name: 'maxSteps', label: 'Step limit', doc: 'Steps after which a run is stopped' },
] as const;

const TASK = [
  {
    name: 'pid',
    label: 'Thread id',
    doc: 'Of the task that runs when the packet comes: bpf_get_current_pid_tgid',
  },
  { name: 'tgid', label: 'Process id', doc: 'bpf_get_current_pid_tgid, upper half' },
  { name: 'uid', label: 'User', doc: 'bpf_get_current_uid_gid' },
  { name: 'gid', label: 'Group', doc: 'bpf_get_current_uid_gid, upper half' },
  { name: 'comm', label: 'Task name', doc: 'bpf_get_current_comm' },
] as const;

/** The task and the cgroup that helpers tell of. */
function TaskFields({ settings }: { settings: Settings }) {
  const { task, cgroup } = settings;
  const setTask = (name: keyof typeof task, text: string) => {
    const value = name === 'comm' ? text : Number(text);
    if (name === 'comm' || /^\d+$/.test(text.trim()))
      wish({ type: 'set-settings', settings: { task: { ...task, [name]: value } } });
  };
  const setCgroup = (change: Partial<typeof cgroup>) =>
    wish({ type: 'set-settings', settings: { cgroup: { ...cgroup, ...change } } });
  const setIds = (text: string) => {
    const ids = text.split(/[\s,/]+/).filter((id) => id !== '');
    if (ids.length > 0 && ids.every((id) => /^\d{1,19}$/.test(id))) setCgroup({ ids });
  };
  return (
    <>
      {TASK.map(({ name, label, doc }) => (
        <div key={name} className="field" title={doc}>
          <span>{label}</span>
          <EditableText
            label={label}
            text={String(task[name])}
            onSet={(text) => setTask(name, text)}
          />
        </div>
      ))}
      <div
        className="field"
        title={
          'Ids of the cgroup and its ancestors, from the root down: ' +
          'bpf_get_current_cgroup_id and others'
        }
      >
        <span>Cgroups</span>
        <EditableText label="Cgroups" text={cgroup.ids.join(', ')} onSet={setIds} />
      </div>
      <div className="field" title="bpf_get_cgroup_classid">
        <span>Class</span>
        <EditableText
          label="Class"
          text={String(cgroup.classid)}
          onSet={(text) => /^\d+$/.test(text.trim()) && setCgroup({ classid: Number(text) })}
        />
      </div>
    </>
  );
}

/**
 * What a kernel would take from its surroundings: fixed here, so that a run is the same everywhere.
 */
function SettingsSection({ view }: { view: SessionView }) {
  const set = (name: (typeof SETTINGS)[number]['name'], text: string) => {
    const number = Number(text);
    if (!/^\d+$/.test(text.trim())) return;
    wish({
      type: 'set-settings',
      settings: { [name]: name === 'time' || name === 'gap' ? text.trim() : number },
    });
  };
  return (
    <section>
      <h2>Surroundings</h2>
      <div className="settings">
        {SETTINGS.map(({ name, label, doc }) => (
          <div key={name} className="field" title={doc}>
            <span>{label}</span>
            <EditableText
              label={label}
              text={String(view.settings[name])}
              onSet={(text) => set(name, text)}
            />
          </div>
        ))}
        <label
          className="field"
          title={
            'A program reads perf events: it has opened one for each CPU, ' +
            'else bpf_perf_event_output finds none (ENOENT)'
          }
        >
          <span>Perf events are read</span>
          <input
            type="checkbox"
            checked={view.settings.perfReader}
            onChange={({ target }) =>
              wish({ type: 'set-settings', settings: { perfReader: target.checked } })
            }
          />
        </label>
        <TaskFields settings={view.settings} />
      </div>
    </section>
  );
}
