import type { Example } from '../../../core/protocol/example.ts';

/** What of the gallery a person wants to see; '' everything. */
export interface GalleryQuery {
  readonly text: string;
  readonly topic: string;
}

/** An example with notes at its steps. */
export const isTour = ({ notes = [] }: Example): boolean => notes.length > 0;

/** Topics of the gallery, those of most examples first. */
export function topicsOf(examples: readonly Example[]): string[] {
  const counts = new Map<string, number>();
  for (const topic of examples.flatMap(({ topics }) => topics))
    counts.set(topic, (counts.get(topic) ?? 0) + 1);
  return [...counts].sort(([, one], [, other]) => other - one).map(([topic]) => topic);
}

/** Whether an example is of the topic, and has every word somewhere in what its card says. */
export function isAbout(example: Example, { text, topic }: GalleryQuery): boolean {
  const { title, about, topics, tries, packets } = example;
  if (topic !== '' && !topics.includes(topic)) return false;
  const said = [title, about, ...topics, ...tries, ...packets.map(({ name }) => name)]
    .join(' ')
    .toLowerCase();
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return words.every((word) => said.includes(word));
}
