import type { HookChange, HookPosition, HookProperty } from '../netdev/edit-hook-list.ts';
import type { HookProgram } from '../netdev/types.ts';
import type { SaidBy } from '../netdev/xdp-programs.ts';
import type { AfterCode, ListHook, TcPlace } from '../spec/hook-lists.ts';
import type { Action } from '../spec/program-types.ts';

export type { HookChange, HookPosition, HookProperty };

/** What of the packets past a list a person can ask to be done. */
export type HookOrder = 'start' | 'stop';

/** The programs of one hook, and what packets met at them. */
export interface HookListView {
  hook: ListHook;
  /** Of tc. */
  direction?: 'ingress' | 'egress';
  /** In the order in which they are asked. */
  programs: HookProgramView[];
  /** Programs of the object that is open. */
  ownPrograms: string[];
  commands: { label: string; text: string }[];
  /** What they need, and what no tool can do. */
  notes: string[];
  /** Packets that there are. */
  packets: { name: string; count: number };
  /** In a sentence: why none can be run. */
  problem?: string;
  run?: HookRunView;
}

export interface HookProgramView {
  id: string;
  status: HookProgram['status'];
  object: { name: string; isOpen: boolean };
  program: string;
  /** Programs of its object. */
  programs: string[];
  /** Of tc. */
  where?: TcPlace;
  /** Of XDP: by whom its priority and its actions are said. */
  xdp?: { priority: number; priorityBy: SaidBy; actions: string; actionsBy: SaidBy };
  /** What it did so far, where packets were run. */
  counts?: { seen: number; changed: number; codes: HookCodeView[] };
}

export interface HookCodeView {
  name: string;
  action: Action;
  after: AfterCode;
  packets: number;
}

export interface HookRunView {
  state: 'running' | 'stopped' | 'done';
  /** Packets that were run, and those that are known. */
  done: number;
  total: number;
  isWhole: boolean;
  /** What became of them. */
  results: { name: string; action: Action; packets: number }[];
  /** The packet that is chosen, from 1 on, where it was run. */
  packet?: HookPacketView;
  /** It was not run, or its way was not kept: of a capture that of the chosen one is. */
  missing?: number;
  hasWork: boolean;
}

export interface HookPacketView {
  number: number;
  steps: HookStepView[];
  name: string;
  action: Action;
  /** Id of the program that decided. */
  by?: string;
}

export interface HookStepView {
  id: string;
  name: string;
  code?: number;
  reason?: string;
  steps: number;
  after: AfterCode;
  isChanged: boolean;
  /** Fields that others in front had made so. */
  saw: { field: string; value: string }[];
}

/** A packet, from 1 on, at a program of a list. */
export interface HookPlace {
  hook: ListHook;
  id: string;
  packet: number;
}
