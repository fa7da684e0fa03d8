// The pass page's service worker: the page and its files are kept at the first visit and come from here from then on, with no network.
// Nothing of anybody is among them; what the page asks of the wallet goes to the wallet. The server writes the list in front of this script.
interface Kept {
  version: string;
  folder: string;
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

const worker = self as unknown as Scope;
const { version, folder, files } = worker.TEGATA_KEPT;
const PREFIX = `tegata-pass-${folder}`; // each wallet has its own
const known = new Set(files);

worker.addEventListener("install", (event) => {
  const kept = caches.open(PREFIX + version).then((cache) => cache.addAll([folder, ...files].map((path) => new Request(path, { cache: "reload" }))));
  event.waitUntil(kept.then(() => worker.skipWaiting()));
});

worker.addEventListener("activate", (event) => {
  const old = caches.keys().then((names) => Promise.all(names.filter((name) => name.startsWith(PREFIX) && name !== PREFIX + version).map((name) => caches.delete(name))));
  event.waitUntil(old.then(() => worker.clients.claim()));
});

worker.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== worker.location.origin) return;
  const isPage = event.request.mode === "navigate" && url.pathname.startsWith(folder) && !url.pathname.slice(folder.length).includes("/");
  const path = url.pathname + url.search;
  if (!isPage && !known.has(path)) return;
  event.respondWith(caches.match(isPage ? folder : path).then((kept) => kept ?? fetch(event.request)));
});
export {};
