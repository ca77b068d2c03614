/*
 * Offline after the first visit: every file of the build is fetched once, under a cache named after
 * their hash. The build fills in the two placeholders (vite.config.ts). A page that was opened
 * before a deployment is answered from the build it belongs to, which stays as long as the page.
 */
const CACHE = 'playground-__HASH__';
const FILES = __FILES__;
/*
 * A module script sends Origin and a server may answer `Vary: Origin`: an exact match would miss,
 * and leave the page blank.
 */
const LOOSE = { ignoreSearch: true, ignoreVary: true };

self.addEventListener('install', (event) => {
  event.waitUntil(
    caches
      .open(CACHE)
      .then((cache) => cache.addAll(FILES.map((file) => new Request(file, { cache: 'reload' }))))
      .then(() => self.skipWaiting()),
  );
});

/* Builds that stay though no page holds their lock: those of pages from before there were locks. */
const BUILDS_KEPT = 1;
/* What a page holds while it is there, with the address of its entry script (app/deployment.ts). */
const LOCK = 'ebpf-playground:build:';

/* The entry scripts of all pages that are there, each with the client that the page is. */
const pagesThere = async () =>
  ((await self.navigator.locks?.query())?.held ?? [])
    .filter(({ name }) => name.startsWith(LOCK))
    .map(({ name, clientId }) => ({ entry: name.slice(LOCK.length), clientId }));

const holds = async (name, entry) =>
  (await (await caches.open(name)).match(entry, LOOSE)) !== undefined;

self.addEventListener('activate', (event) => {
  const dropOld = async () => {
    const others = (await caches.keys()).filter(
      (name) => name.startsWith('playground-') && name !== CACHE,
    );
    const pages = await pagesThere();
    const unused = [];
    for (const name of others) {
      const used = await Promise.all(pages.map(({ entry }) => holds(name, entry)));
      if (!used.includes(true)) unused.push(name);
    }
    for (const name of unused.slice(0, Math.max(0, unused.length - BUILDS_KEPT)))
      await caches.delete(name);
    await self.clients.claim();
  };
  event.waitUntil(dropOld());
});

/* The build of the page that asks, where that is not this one. */
const buildOf = async (clientId) => {
  const page = (await pagesThere()).find((one) => one.clientId === clientId);
  if (page === undefined || (await holds(CACHE, page.entry))) return undefined;
  for (const name of await caches.keys()) if (await holds(name, page.entry)) return name;
  return undefined;
};

self.addEventListener('fetch', (event) => {
  if (event.request.method !== 'GET' || !event.request.url.startsWith(self.registration.scope))
    return;
  const answer = async () => {
    const isPage = event.request.mode === 'navigate';
    const page = isPage ? './' : event.request;
    const build = isPage ? undefined : await buildOf(event.clientId);
    const cache = await caches.open(build ?? CACHE);
    // What an older page's own worker asks for has a name that holds a hash of what is in it.
    return (
      (await cache.match(page, LOOSE)) ?? (await caches.match(page, LOOSE)) ?? fetch(event.request)
    );
  };
  event.respondWith(answer());
});
