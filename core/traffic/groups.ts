/** Packets that have something in common. */
export interface PacketGroup<Key> {
  /** undefined: what found no room any more. */
  readonly key: Key | undefined;
  /** The first of them. */
  readonly first: number;
  count: number;
}

/** Counts of packets by what they have in common, in bounded memory. */
export class Groups<Key extends readonly string[]> {
  private readonly groups = new Map<string, PacketGroup<Key>>();
  private others: PacketGroup<Key> | undefined;
  private readonly most: number;

  constructor(most: number) {
    this.most = most;
  }

  add(key: Key, packet: number): void {
    const text = JSON.stringify(key);
    const known = this.groups.get(text);
    if (known) known.count += 1;
    else if (this.groups.size < this.most) this.groups.set(text, { key, first: packet, count: 1 });
    else if (this.others) this.others.count += 1;
    else this.others = { key: undefined, first: packet, count: 1 };
  }

  /** The most frequent first; what found no room last. */
  get inOrder(): PacketGroup<Key>[] {
    const found = [...this.groups.values()].sort((a, b) => b.count - a.count);
    return this.others ? [...found, this.others] : found;
  }
}
