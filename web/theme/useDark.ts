import { useUi } from '../stores/ui.ts';
import { useMedia } from '../ui/useMedia.ts';

/** Whether the page is dark: as chosen, else as the system is. */
export function useDark(): boolean {
  const theme = useUi((state) => state.theme);
  const system = useMedia('(prefers-color-scheme: dark)');
  return theme === 'system' ? system : theme === 'dark';
}
