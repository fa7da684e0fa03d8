// The scanner's service worker: everything that the page needs is kept at the first visit, and comes from here from then on. What the page
// asks of a hub goes to the hub. The server writes the list in front of this script, so that a changed file is a changed script.
interface Kept {
  version: string;
  page: string;
  files: string[];
}
interface Life extends Event {
  waitUntil(done: Promise<unknown>): void;
}
interface Asked extends Life {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}
interface Scope {
  readonly TEGATA_KEPT: Kept;
  readonly location: Location;
  readonly clients: { claim(): Promise<void> };
  skipWaiting(): Promise<void>;
  addEventListener(name: "install" | "activate", act: (event: Life) => void): void;
  addEventListener(name: "fetch", act: (event: Asked) => void): void;
}

const PREFIX = "tegata-gate-";
const worker = self as unknown as Scope;
const { version, page, files } = worker.TEGATA_KEPT;
const known = new Set(files);

worker.addEventListener("install", (event) => {
  const kept = caches.open(PREFIX + version).then((cache) => cache.addAll([page, ...files].map((path) => new Request(path, { cache: "reload" }))));
  event.waitUntil(kept.then(() => worker.skipWaiting()));
});

worker.addEventListener("activate", (event) => {
  const old = caches.keys().then((names) => Promise.all(names.filter((name) => name.startsWith(PREFIX) && name !== PREFIX + version).map((name) => caches.delete(name))));
  event.waitUntil(old.then(() => worker.clients.claim()));
});

worker.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== worker.location.origin) return;
  const isPage = event.request.mode === "navigate" && url.pathname === page;
  const path = url.pathname + url.search;
  if (!isPage && !known.has(path)) return;
  event.respondWith(caches.match(isPage ? page : path).then((kept) => kept ?? fetch(event.request)));
});
export {};
