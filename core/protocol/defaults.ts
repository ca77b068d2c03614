export { DEFAULT_SETTINGS } from '../session/defaults.ts';
