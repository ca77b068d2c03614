/**
 * What test files of earlier versions say, in the words of today: a pure function a step, kept for
 * ever, over the file as JSON. They run before it is checked, so they take anything and leave what
 * they do not know as it is.
 */
type Upgrade = (file: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>;

const UPGRADES: readonly Upgrade[] = [];

/** The key that says what a file is; its value is the version. */
export const TEST_FILE = 'ebpf-playground-test';

/** The version that is written; those before it are read too. */
export const TEST_VERSION = UPGRADES.length + 1;

export const isReadableTest = (version: unknown): version is number =>
  Number.isInteger(version) && Number(version) >= 1 && Number(version) <= TEST_VERSION;

/** A file of a readable version as one of the version that is written. */
export const upgradedTest = (file: Readonly<Record<string, unknown>>, version: number) => ({
  ...UPGRADES.slice(version - 1).reduce((now, upgrade) => upgrade(now), file),
  [TEST_FILE]: TEST_VERSION,
});
