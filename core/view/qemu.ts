import { baseName } from '../bytes/base-name.ts';
import type { SetUpPart } from '../protocol/messages.ts';
import type { Session } from '../session/session.ts';

const NETDEV = 'hn0';
const ID = 'ubpf1';

/** In a QEMU option a comma in a value is written twice. */
const optionValue = (text: string): string => text.replaceAll(',', ',,');

/** The -object option and the QMP command that put this filter into QEMU as it is set up here. */
export function qemuSetup(session: Session): SetUpPart['qemu'] {
  if (session.hook !== 'filter-ubpf') return undefined;
  const { options, object } = session;
  const queue = options.get('queue')!;
  const ipMode = options.get('ip-mode')!;
  const status = options.get('status')!;
  const file = baseName(object.name);
  const settings = [
    `id=${ID}`,
    `netdev=${NETDEV}`,
    `queue=${queue}`,
    `ip-mode=${ipMode}`,
    ...(status === 'off' ? ['status=off'] : []),
    `ubpf-handler=${optionValue(file)}`,
  ];
  const qmp = {
    execute: 'object-add',
    arguments: {
      'qom-type': 'filter-ubpf',
      id: ID,
      netdev: NETDEV,
      queue,
      status,
      'ip-mode': ipMode === 'on',
      'ubpf-handler': file,
    },
  };
  return {
    commandLine: `-object filter-ubpf,${settings.join(',')}`,
    qmp: JSON.stringify(qmp),
    note: queueNote(queue),
  };
}

function queueNote(queue: string): string {
  if (queue === 'tx') return 'queue=tx: packets the netdev sends, so what the guest receives.';
  return queue === 'rx'
    ? 'queue=rx: packets the netdev receives, so what the guest sends.'
    : 'queue=all: packets to and from the guest.';
}
