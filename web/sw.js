/*
 * Offline after the first visit: every file of the build is fetched once, under a cache named after their hash. The build
 * fills in the two placeholders (vite.config.ts).
 */
const CACHE = 'playground-__HASH__';
const FILES = __FILES__;
/* A module script sends Origin and a server may answer `Vary: Origin`: an exact match would miss and leave the page blank. */
const LOOSE = { ignoreSearch: true, ignoreVary: true };

self.addEventListener('install', (event) => {
  event.waitUntil(
    caches
      .open(CACHE)
      .then((cache) => cache.addAll(FILES.map((file) => new Request(file, { cache: 'reload' }))))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener('activate', (event) => {
  const dropOthers = async () => {
    for (const name of await caches.keys())
      if (name.startsWith('playground-') && name !== CACHE) await caches.delete(name);
    await self.clients.claim();
  };
  event.waitUntil(dropOthers());
});

self.addEventListener('fetch', (event) => {
  if (event.request.method !== 'GET' || !event.request.url.startsWith(self.registration.scope)) return;
  const answer = async () => {
    const page = event.request.mode === 'navigate' ? './' : event.request;
    const cache = await caches.open(CACHE);
    return (await cache.match(page, LOOSE)) ?? fetch(event.request);
  };
  event.respondWith(answer());
});
