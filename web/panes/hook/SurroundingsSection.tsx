import type { SessionView, Settings } from '../../../core/protocol/messages.ts';
import { attempt, wish } from '../../actions/wish.ts';
import { EditableText } from '../../ui/EditableText.tsx';

type Visible = SessionView['surroundings'];

const WHOLE_NUMBER = 'A whole number is wanted.';

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
    label: 'Between packets, ns',
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

/** The task that helpers tell of. */
function TaskFields({ settings: { task } }: { settings: Settings }) {
  const setTask = (name: keyof typeof task, text: string) => {
    const value = name === 'comm' ? text : Number(text);
    if (name !== 'comm' && !/^\d+$/.test(text.trim())) return WHOLE_NUMBER;
    return attempt({ type: 'set-settings', settings: { task: { ...task, [name]: value } } });
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
    </>
  );
}

/** The cgroup that helpers tell of. */
function CgroupFields({ settings: { cgroup } }: { settings: Settings }) {
  const setCgroup = (change: Partial<typeof cgroup>) =>
    attempt({ type: 'set-settings', settings: { cgroup: { ...cgroup, ...change } } });
  const setIds = (text: string) => {
    const ids = text.split(/[\s,/]+/).filter((id) => id !== '');
    return ids.length > 0 && ids.every((id) => /^\d{1,19}$/.test(id))
      ? setCgroup({ ids })
      : 'Numbers with commas between them are wanted.';
  };
  return (
    <>
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
        <span>Net class</span>
        <EditableText
          label="Net class"
          text={String(cgroup.classid)}
          onSet={(text) =>
            /^\d+$/.test(text.trim()) ? setCgroup({ classid: Number(text) }) : WHOLE_NUMBER
          }
        />
      </div>
    </>
  );
}

/**
 * What a kernel would take from its surroundings: fixed here, so that a run is the same everywhere.
 * Only what a program of this hook can see; the limit of steps is the page's own.
 */
export function SurroundingsSection({ view: { settings, surroundings } }: { view: SessionView }) {
  const sees = (name: Visible[number]) => surroundings.includes(name);
  const set = (name: (typeof SETTINGS)[number]['name'], text: string) => {
    if (!/^\d+$/.test(text.trim())) return WHOLE_NUMBER;
    const isText = name === 'time' || name === 'gap';
    return attempt({
      type: 'set-settings',
      settings: { [name]: isText ? text.trim() : Number(text) },
    });
  };
  return (
    <section>
      <h2>Surroundings</h2>
      <div className="settings">
        {SETTINGS.filter(({ name }) => name === 'maxSteps' || sees(name)).map(
          ({ name, label, doc }) => (
            <div key={name} className="field" title={doc}>
              <span>{label}</span>
              <EditableText
                label={label}
                text={String(settings[name])}
                onSet={(text) => set(name, text)}
              />
            </div>
          ),
        )}
        {sees('perfReader') && <PerfReader settings={settings} />}
        <EachFresh settings={settings} />
        {sees('task') && <TaskFields settings={settings} />}
        {sees('cgroup') && <CgroupFields settings={settings} />}
      </div>
    </section>
  );
}

/** Of any program: what packets leave behind, the next one finds, or not. */
function EachFresh({ settings }: { settings: Settings }) {
  return (
    <label
      className="field"
      title={
        'Each packet finds maps, timers and clock as they are at the start, ' +
        'else what the packets in front of it left'
      }
    >
      <span>Each packet is the first</span>
      <input
        type="checkbox"
        checked={settings.each === 'fresh'}
        onChange={({ target }) =>
          wish({
            type: 'set-settings',
            settings: { each: target.checked ? 'fresh' : 'in order' },
          })
        }
      />
    </label>
  );
}

function PerfReader({ settings }: { settings: Settings }) {
  return (
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
        checked={settings.perfReader}
        onChange={({ target }) =>
          wish({ type: 'set-settings', settings: { perfReader: target.checked } })
        }
      />
    </label>
  );
}
