import { baseName } from '../bytes/base-name.ts';
import type { ChainFilter, FilterPosition } from '../netdev/types.ts';
import type { SetUpPart } from '../protocol/messages.ts';
import type { Session } from '../session/session.ts';
import {
  type FilterProperty,
  type FilterQueue,
  filterKind,
  UBPF_HANDLER,
} from '../spec/net-filters.ts';

const NETDEV = 'hn0';
const ID = 'ubpf1';

/** In a QEMU option a comma in a value is written twice. */
export const optionValue = (text: string): string => text.replaceAll(',', ',,');

/** Options as a shell takes them for one word. */
export const optionWord = (options: string): string =>
  /^[\w./:,=@%+-]+$/.test(options) ? options : `'${options.replaceAll("'", "'\\''")}'`;

/** A filter as QEMU is told of it. */
export interface ToldFilter {
  readonly filter: Omit<ChainFilter, 'object' | 'program'>;
  /** Id of the netdev. */
  readonly netdev: string;
  /** Of filter-ubpf: the file of its program. */
  readonly handler: string | undefined;
  /** Undefined: at the tail, where QEMU puts it by itself. */
  readonly at?: FilterPosition;
}

/** What of its kind a filter is told, those that are always written and those that were said. */
const saidProperties = ({ kind, properties }: ToldFilter['filter']) =>
  filterKind(kind).properties.flatMap((row): [FilterProperty, string][] => {
    const said = properties.find(([name]) => name === row.name)?.[1];
    const value = said ?? (row.isWritten ? row.initial : undefined);
    return value === undefined ? [] : [[row, value]];
  });

const isElsewhere = (at: FilterPosition | undefined): at is FilterPosition =>
  at !== undefined && at.position !== 'tail';

/** `-object filter-ubpf,...`: puts a filter into a chain when QEMU is started. */
export function filterLine({ filter, netdev, handler, at }: ToldFilter): string {
  const settings = [
    filter.kind,
    `id=${filter.id}`,
    `netdev=${netdev}`,
    `queue=${filter.queue}`,
    ...saidProperties(filter).map(([{ name }, value]) => `${name}=${optionValue(value)}`),
    ...(filter.status === 'off' ? ['status=off'] : []),
    ...(isElsewhere(at) ? [`position=${at.position}`, `insert=${at.insert}`] : []),
    ...(handler === undefined ? [] : [`${UBPF_HANDLER}=${optionValue(handler)}`]),
  ];
  return `-object ${optionWord(settings.join(','))}`;
}

/** A value as QMP has it: numbers and switches are no text there. */
function qmpValue({ kind }: Pick<FilterProperty, 'kind'>, value: string) {
  if (kind === 'number') return Number(value);
  return kind === 'switch' ? value === 'on' : value;
}

/** The QMP command that puts a filter into the chain of a guest that runs. */
export function filterObjectAdd({ filter, netdev, handler, at }: ToldFilter): string {
  return JSON.stringify({
    execute: 'object-add',
    arguments: {
      'qom-type': filter.kind,
      id: filter.id,
      netdev,
      queue: filter.queue,
      status: filter.status,
      ...Object.fromEntries(
        saidProperties(filter).map(([row, value]) => [row.name, qmpValue(row, value)]),
      ),
      ...(isElsewhere(at) && { position: at.position, insert: at.insert }),
      ...(handler !== undefined && { [UBPF_HANDLER]: handler }),
    },
  });
}

/** The QMP command that takes a filter out. */
export const filterObjectDel = (id: string): string =>
  JSON.stringify({ execute: 'object-del', arguments: { id } });

/** The QMP command that tells a filter something while it is there. */
export function filterPropertySet(
  { id, kind }: Pick<ChainFilter, 'id' | 'kind'>,
  property: string,
  value: string,
): string {
  const row = filterKind(kind).properties.find(({ name }) => name === property);
  return JSON.stringify({
    execute: 'qom-set',
    arguments: {
      path: `/objects/${id}`,
      property,
      value: row ? qmpValue(row, value) : value,
    },
  });
}

/** The -object option and the QMP command that put this filter into QEMU as it is set up here. */
export function qemuSetup(session: Session): SetUpPart['qemu'] {
  if (session.hook !== 'filter-ubpf') return undefined;
  const { options, object } = session;
  const queue = options.get('queue') as FilterQueue;
  const told: ToldFilter = {
    filter: {
      id: ID,
      kind: 'filter-ubpf',
      queue,
      status: options.get('status') === 'off' ? 'off' : 'on',
      properties: [['ip-mode', options.get('ip-mode')!]],
    },
    netdev: NETDEV,
    handler: baseName(object.name),
  };
  return {
    commandLine: filterLine(told),
    qmp: filterObjectAdd(told),
    note: QUEUE_NOTES[queue],
  };
}

/** What the name of a queue means for the guest, whose point of view is the other one. */
export const QUEUE_NOTES: Readonly<Record<FilterQueue, string>> = {
  tx: 'queue=tx: packets the netdev sends, so what the guest receives.',
  rx: 'queue=rx: packets the netdev receives, so what the guest sends.',
  all: 'queue=all: packets to and from the guest.',
};
