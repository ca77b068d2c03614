/** Values of a hook's options by name, every one present. */
export type Options = ReadonlyMap<string, string>;
