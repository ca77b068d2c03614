import { wish } from '../../actions/wish.ts';
import { lookAtFile, lookAtMap, pointAtCode, setExplorerView, showPlace } from '../../stores/ui.ts';
import type { NameRow } from './names.ts';

/** Shows what a name stands for, where the page shows such things. */
export function goToName({ kind, name, slot, file }: NameRow): void {
  if (kind === 'program') wish({ type: 'select-program', name });
  else if (slot !== undefined) pointAtCode(slot);
  else if (kind === 'map') {
    showPlace('maps');
    lookAtMap(name);
  } else if (file !== undefined) lookAtFile(file);
  else {
    showPlace('object');
    setExplorerView('details');
  }
}
