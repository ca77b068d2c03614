/**
 * What a region of guest memory is, whatever it is called: watchpoints, changes in mid-run and
 * links know it by this. Only what can be read or written has a place here.
 */
export type RegionId =
  | { readonly kind: 'packet' }
  /** What a uBPF program works on; struct bpf_flow_keys. */
  | { readonly kind: 'memory' }
  | { readonly kind: 'flow-keys' }
  /** 0: of the outermost function. */
  | { readonly kind: 'stack'; readonly depth: number }
  /** Variables of a section, which are one value. */
  | { readonly kind: 'global'; readonly map: string; readonly cpu?: number }
  /** `at`: an element's key in hex, or its index. */
  | {
      readonly kind: 'value';
      readonly map: string;
      readonly at: string;
      readonly cpu?: number;
    }
  | { readonly kind: 'storage'; readonly map: string; readonly cpu?: number }
  /** What a callback of bpf_for_each_map_elem is given beside the value. */
  | { readonly kind: 'key'; readonly map: string; readonly at: string }
  | { readonly kind: 'index'; readonly map: string }
  /** Reserved in a ring buffer. */
  | { readonly kind: 'record'; readonly map: string; readonly position: number }
  /** Structures, maps and functions: addresses without bytes. */
  | { readonly kind: 'other'; readonly name: string };

function onCpu({ cpu }: { readonly cpu?: number }): string {
  return cpu === undefined ? '' : ` on cpu ${cpu}`;
}

/** `packet`, `stack1`, `map hits[3] on cpu 0`. */
export function regionName(id: RegionId): string {
  switch (id.kind) {
    case 'packet':
    case 'memory':
      return id.kind;
    case 'flow-keys':
      return 'flow_keys';
    case 'stack':
      return id.depth === 0 ? 'stack' : `stack${id.depth}`;
    case 'global':
      return `${id.map}${onCpu(id)}`;
    case 'value':
      return `map ${id.map}[${id.at}]${onCpu(id)}`;
    case 'storage':
      return `storage ${id.map}${onCpu(id)}`;
    case 'key':
      return `key of map ${id.map}[${id.at}]`;
    case 'index':
      return `index of map ${id.map}`;
    case 'record':
      return `record of map ${id.map} at ${id.position}`;
    case 'other':
      return id.name;
  }
}

/** Whether two are the same region; their fields say it. */
export function sameRegion(a: RegionId, b: RegionId): boolean {
  if (a.kind !== b.kind) return false;
  const [left, right] = [a, b] as readonly Readonly<Record<string, unknown>>[];
  const names = Object.keys(left);
  const differ = names.some((name) => left[name] !== right[name]);
  return names.length === Object.keys(right).length && !differ;
}
