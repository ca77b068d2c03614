import { writeGuest } from '../machine/access.ts';
import type { HelperFunction } from '../machine/machine.ts';
import { failure } from '../spec/errno.ts';
import { i32, u32 } from './arguments.ts';

/**
 * Who runs: the task and the cgroups are settings of the session. The kernel gives whatever task
 * was running when the packet came.
 */
const pair = (high: number, low: number): bigint => (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);

export const getCurrentPidTgid: HelperFunction = ({ surroundings: { task } }) =>
  pair(task.tgid, task.pid);
export const getCurrentUidGid: HelperFunction = ({ surroundings: { task } }) =>
  pair(task.gid, task.uid);

/** TASK_COMM_LEN. */
const COMM_BYTES = 16;

/** bpf_get_current_comm: r1 to, r2 size: the name, cut and padded with zeros. */
export const getCurrentComm: HelperFunction = (machine) => {
  const size = u32(machine.argument(2));
  const name = new TextEncoder().encode(machine.surroundings.task.comm).subarray(0, COMM_BYTES - 1);
  const bytes = new Uint8Array(size);
  bytes.set(name.subarray(0, Math.max(0, size - 1)));
  writeGuest(machine, 'bpf_get_current_comm', machine.argument(1), bytes);
  return 0n;
};

/** struct bpf_pidns_info. */
const PIDNS_BYTES = 8;

/**
 * bpf_get_ns_current_pid_tgid: r1 device, r2 inode, r3 to, r4 size: the task is in no namespace of
 * that number.
 */
export const getNsCurrentPidTgid: HelperFunction = (machine) => {
  const size = u32(machine.argument(4));
  writeGuest(
    machine,
    'bpf_get_ns_current_pid_tgid',
    machine.argument(3),
    new Uint8Array(Math.min(size, PIDNS_BYTES)),
  );
  return failure('EINVAL');
};

/** CONFIG_HZ of 250: one every 4 ms. */
const NS_PER_JIFFY = 4_000_000n;
/** INITIAL_JIFFIES: the counter starts five minutes before it wraps in 32 bits. */
const INITIAL_JIFFIES = 0xffff_ffffn - 300n * 250n + 1n;

export const jiffies64: HelperFunction = (machine) =>
  INITIAL_JIFFIES + (machine.surroundings.time + BigInt(machine.steps)) / NS_PER_JIFFY;

export const getNumaNodeId: HelperFunction = () => 0n;
/** The first namespace's. */
export const getNetnsCookie: HelperFunction = () => 1n;

export const getCgroupClassid: HelperFunction = ({ surroundings }) =>
  BigInt(surroundings.cgroup.classid);
export const getCurrentCgroupId: HelperFunction = ({ surroundings }) =>
  surroundings.cgroup.ids.at(-1) ?? 0n;

/** Ids of the cgroup's ancestors by level, its own last; 0 beyond. */
const ancestor =
  (register: 1 | 2): HelperFunction =>
  (machine) => {
    const level = i32(machine.argument(register));
    return level < 0 ? 0n : (machine.surroundings.cgroup.ids[level] ?? 0n);
  };

export const getCurrentAncestorCgroupId = ancestor(1);
/** Of the packet's socket: r1 packet or socket, r2 level. Without socket 0. */
const ofSocket =
  (helper: HelperFunction): HelperFunction =>
  (machine) =>
    machine.ownSocket === undefined ? 0n : helper(machine);
export const skbAncestorCgroupId = ofSocket(ancestor(2));
export const skbCgroupId = ofSocket(getCurrentCgroupId);
export const skAncestorCgroupId = ancestor(2);
export const skCgroupId = getCurrentCgroupId;
export const skbCgroupClassid = ofSocket(getCgroupClassid);
