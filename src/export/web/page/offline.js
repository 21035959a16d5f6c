// A service worker: keeps the files of the page, so that it opens without a network. `VERSION` and `FILES` are filled in by
// the export; a new export has another version and replaces the old files.
const VERSION = "%VERSION%";
const FILES = ["%FILES%"];
/** Caches of earlier exports to the same address. */
const OWN = `${VERSION.split("#")[0]}#`;

self.addEventListener("install", (event) => {
  const keep = async () => {
    const cache = await caches.open(VERSION);
    await cache.addAll(FILES.map((file) => new Request(file, { cache: "reload" })));
    await self.skipWaiting();
  };
  event.waitUntil(keep());
});

self.addEventListener("activate", (event) => {
  const clean = async () => {
    const names = await caches.keys();
    const old = names.filter((name) => name !== VERSION && name.startsWith(OWN));
    await Promise.all(old.map((name) => caches.delete(name)));
    await self.clients.claim();
  };
  event.waitUntil(clean());
});

self.addEventListener("fetch", (event) => {
  if (event.request.method !== "GET") return;
  const answer = async () => {
    const cache = await caches.open(VERSION);
    const kept = await cache.match(event.request, { ignoreSearch: true });
    return kept ?? fetch(event.request);
  };
  event.respondWith(answer());
});
