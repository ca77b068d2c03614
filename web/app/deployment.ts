import { keepNow } from '../actions/keep.ts';
import { useSession } from '../stores/session.ts';
import { notify } from '../stores/ui.ts';

/** How often a page that is looked at again asks whether there is a new version; ms. */
const ASK_EVERY = 60 * 60 * 1000;

/** From a page's beginning, and from its first answer on; ms. */
const LATEST_START = 10_000;
const REST_AFTER_ANSWER = 500;

/** web/sw.js keeps the files of a build as long as a page holds the lock of its entry script. */
const LOCK = 'ebpf-playground:build:';

/**
 * Works offline, and lives on beside a newer version: the service worker keeps what this page was
 * built with. Without one (private windows, plain http) the page works, only not offline.
 */
export function followDeployments(entry: string): void {
  holdBuild(entry);
  if (!navigator.serviceWorker) return;
  const { serviceWorker } = navigator;
  // The first one comes with the build that the page has.
  let hasOne = serviceWorker.controller !== null;
  serviceWorker.addEventListener('controllerchange', () => {
    if (hasOne) tellNewVersion();
    hasOne = true;
  });
  afterFirstAnswer(() =>
    serviceWorker
      .register('./sw.js')
      .then(askNowAndThen)
      .catch(() => undefined),
  );
}

/**
 * What comes for later visits takes nothing away from the first answer: it is megabytes. Where none
 * comes, it is not waited for.
 */
function afterFirstAnswer(begin: () => unknown): void {
  const stop = useSession.subscribe(({ view }) => view && start());
  const late = setTimeout(start, LATEST_START);
  function start(): void {
    stop();
    clearTimeout(late);
    setTimeout(begin, REST_AFTER_ANSWER);
  }
}

function holdBuild(entry: string): void {
  navigator.locks
    ?.request(LOCK + entry, { mode: 'shared' }, () => new Promise(() => undefined))
    .catch(() => undefined);
}

/** A tab may stay open for weeks: the browser itself asks only when a page is loaded. */
function askNowAndThen(registration: ServiceWorkerRegistration): void {
  let asked = Date.now();
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden' || Date.now() - asked < ASK_EVERY) return;
    asked = Date.now();
    registration.update().catch(() => undefined);
  });
}

function tellNewVersion(): void {
  notify({
    topic: 'version',
    text: 'There is a new version of the playground.',
    lines: [
      'This tab goes on with the one it has. Reloaded, it has the new one: your session is kept.',
    ],
    actions: [{ label: 'Reload', act: reloadKept }],
  });
}

async function reloadKept(): Promise<void> {
  await keepNow();
  location.reload();
}
