/*
 * Offline after the first visit: every file of the build is fetched once, under a cache named after
 * their hash. The build fills in the two placeholders (vite.config.ts).
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

/* Builds that tabs opened before a deployment may still load parts of. */
const BUILDS_KEPT = 3;

self.addEventListener('activate', (event) => {
  const dropOldest = async () => {
    const builds = (await caches.keys()).filter(
      (name) => name.startsWith('playground-') && name !== CACHE,
    );
    for (const name of builds.slice(0, Math.max(0, builds.length - BUILDS_KEPT + 1)))
      await caches.delete(name);
    await self.clients.claim();
  };
  event.waitUntil(dropOldest());
});

self.addEventListener('fetch', (event) => {
  if (event.request.method !== 'GET' || !event.request.url.startsWith(self.registration.scope))
    return;
  const answer = async () => {
    const page = event.request.mode === 'navigate' ? './' : event.request;
    const cache = await caches.open(CACHE);
    // Names of chunks hold a hash of what is in them: one of an older build is what the tab that
    // asks was built with.
    return (
      (await cache.match(page, LOOSE)) ?? (await caches.match(page, LOOSE)) ?? fetch(event.request)
    );
  };
  event.respondWith(answer());
});
