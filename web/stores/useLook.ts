import { useMedia } from '../ui/useMedia.ts';
import { useUi } from './ui.ts';

export type Look = 'dark' | 'light' | 'contrast';

/** How the page looks: as chosen, else as the system is set up. */
export function useLook(): Look {
  const theme = useUi((state) => state.theme);
  const dark = useMedia('(prefers-color-scheme: dark)');
  const contrast = useMedia('(prefers-contrast: more)');
  if (theme !== 'system') return theme;
  return contrast ? 'contrast' : dark ? 'dark' : 'light';
}
