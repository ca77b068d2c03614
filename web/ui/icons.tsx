/**
 * Icons of the page: 16 by 16, drawn in the text's colour, named for what they mean. Never the only
 * sign of anything.
 */
const PATHS = {
  run: 'M4 2.8v10.4l8.5-5.200z',
  reset: 'M3.2 8a4.8 4.8 0 1 0 1.5-3.500M4.7 1.800v2.900h2.9',
  over: 'M2.5 8.500a5.5 5.5 0 0 1 10.6-1.700M13.5 3v4h-4M8 11.600v1.8',
  into: 'M8 2v6.800M5 6l3 3 3-3M8 12.500v1',
  out: 'M8 9.800V2.500M5 5.500l3-3 3 3M8 12.500v1',
  back: 'M10.5 3.500v9L4.5 8zM3 3.500v9',
  'back-run': 'M8 3.200v9.600L2 8zM14 3.200v9.600L8 8z',
  breakpoint: 'M8 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8z',
  open: 'M2 12.500v-9h4l1.5 1.800H14v7.200z',
  examples:
    'M2.5 2.500h4.500v4.500h-4.500zM9 2.500h4.500v4.500H9zM2.5 9h4.500v4.500h-4.500zM9 ' +
    '9h4.500v4.500H9z',
  share: 'M8 10V2.200M5 5l3-3 3 3M3 8.500v5h10v-5',
  sun:
    'M8 5.200a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.600zM8 1v1.500M8 13.500V15M1 ' +
    '8h1.500M13.5 8H15M3 3l1.1 1.100M11.9 11.9 13 13M13 3l-1.1 1.100M4.1 11.9 3 13',
  contrast: 'M8 2.500a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11zM8 2.500v11M8 5h3.800M8 8h5M8 11h3.800',
  moon: 'M13 9.800A5.5 5.5 0 0 1 6.2 3 5.5 5.5 0 1 0 13 9.800z',
  system: 'M2 3h12v8H2zM6 13.500h4',
  reference:
    'M8 4c-1.500-1-3.500-1.200-5.500-1v9.500c2-.2 4 0 5.500 1 1.500-1 3.500-1.200 ' +
    '5.500-1V3c-2-.2-4 0-5.500 1zM8 4v9.500',
  watch:
    'M1.500 8c2-3.300 4.200-5 6.500-5s4.500 1.700 6.500 5c-2 3.300-4.200 5-6.500 ' +
    '5s-4.500-1.700-6.500-5zM8 6a2 2 0 1 0 0 4 2 2 0 0 0 0-4z',
  lines: 'M2.5 4h11M2.5 8h7M2.5 12h9',
  help: 'M6 6a2 2 0 1 1 2.8 1.900c-.6.3-.8.7-.8 1.400M8 12v.6',
  find: 'M7 2.500a4.5 4.5 0 1 0 0 9 4.500 4.500 0 0 0 0-9zM10.300 10.300 14 14',
  explorer: 'M2.5 3h3v3h-3zM2.5 10h3v3h-3zM8 4.500h5.500M8 11.500h5.500',
  left: 'M10 4 6 8l4 4',
  close: 'M4 4l8 8M12 4l-8 8',
  check: 'M3 8.500l3.300 3.300L13 4.500',
  test:
    'M5.500 2.500h5M6.500 2.500v4L3.400 12.200c-.5 1 .1 1.800 1.100 1.800h7c1 0 1.600-.8 ' +
    '1.100-1.800L9.500 6.500v-4' +
    'M4.800 10.500h6.400',
  add: 'M8 3v10M3 8h10',
  remove: 'M3.5 4.500h9M6.5 4.500V3h3v1.500M5 4.500l.5 8.500h5l.5-8.5',
  note: 'M2.5 3h11v7.500h-6L4.500 13v-2.500h-2zM5 5.500h6M5 8h4',
  copy: 'M5.5 5.500v-3h8v8h-3M2.5 5.500h8v8h-8z',
  edit: 'M3 13l.6-2.8 7.4-7.4 2.2 2.2-7.4 7.400z',
  down: 'M4 6l4 4 4-4',
  up: 'M4 10l4-4 4 4',
  right: 'M6 4l4 4-4 4',
  pass: 'M3 8.500l3.3 3.300L13 5',
  drop: 'M4 4l8 8M12 4l-8 8',
  redirect: 'M2.5 11.500c0-4 3-5.5 8-5.500M8 3l3 3-3 3',
  tx: 'M13.5 10.500h-9M7 13.500l-3-3 3-3M4 5.500h9',
  aborted: 'M8 2.5 14 13H2zM8 6.500v3M8 11v.5',
  truncate: 'M2.5 8h7M12 3v10',
  other: 'M3.5 8h.1M8 8h.1M12.4 8h.1',
  warning: 'M8 2.5 14 13H2zM8 6.500v3M8 11v.5',
  pause: 'M5 3.500v9M11 3.500v9',
  undo: 'M5.500 3 2.500 6l3 3M2.500 6h6.500a4 4 0 0 1 0 8H6',
  redo: 'M10.500 3l3 3-3 3M13.500 6H7a4 4 0 0 0 0 8h3',
  download: 'M8 2.500v7.500M5 7l3 3 3-3M3 13.500h10',
} as const;

export type IconName = keyof typeof PATHS;

/** Filled rather than stroked. */
const SOLID: readonly IconName[] = ['run', 'breakpoint', 'back-run', 'moon'];

export function Icon({ name }: { name: IconName }) {
  const solid = SOLID.includes(name);
  return (
    <svg
      className="icon"
      viewBox="0 0 16 16"
      width="16"
      height="16"
      aria-hidden="true"
      focusable="false"
    >
      <path
        d={PATHS[name]}
        fill={solid ? 'currentColor' : 'none'}
        stroke="currentColor"
        strokeWidth={solid ? 0.8 : 1.5}
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}
