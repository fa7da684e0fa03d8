// What a service worker does for a page that works with no network: page and files are kept at the first visit, and come from here from then
// on; everything else goes to the server. The server writes the list in front of the worker's script, so that a changed file is a changed script.
interface Life extends Event {
  waitUntil(done: Promise<unknown>): void;
}
interface Asked extends Life {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}
interface Scope<Kept> {
  readonly TEGATA_KEPT: Kept;
  readonly location: Location;
  readonly clients: { claim(): Promise<void> };
  skipWaiting(): Promise<void>;
  addEventListener(name: "install" | "activate", act: (event: Life) => void): void;
  addEventListener(name: "fetch", act: (event: Asked) => void): void;
}
export interface Pages {
  // prefix: of the names of this worker's caches. page: what answers for each path that isPage knows.
  prefix: string;
  version: string;
  page: string;
  files: string[];
  isPage(path: string): boolean;
}

export function listed<Kept>(): Kept {
  return (self as unknown as Scope<Kept>).TEGATA_KEPT;
}

export function keep({ prefix, version, page, files, isPage }: Pages): void {
  const worker = self as unknown as Scope<unknown>;
  const known = new Set(files);

  worker.addEventListener("install", (event) => {
    const all = [page, ...files].map((path) => new Request(path, { cache: "reload" }));
    event.waitUntil(caches.open(prefix + version).then((cache) => cache.addAll(all)).then(() => worker.skipWaiting()));
  });

  worker.addEventListener("activate", (event) => {
    const isOld = (name: string): boolean => name.startsWith(prefix) && name !== prefix + version;
    const old = caches.keys().then((names) => Promise.all(names.filter(isOld).map((name) => caches.delete(name))));
    event.waitUntil(old.then(() => worker.clients.claim()));
  });

  worker.addEventListener("fetch", (event) => {
    const url = new URL(event.request.url);
    if (event.request.method !== "GET" || url.origin !== worker.location.origin) return;
    const visited = event.request.mode === "navigate" && isPage(url.pathname);
    const path = url.pathname + url.search;
    if (!visited && !known.has(path)) return;
    event.respondWith(caches.match(visited ? page : path).then((kept) => kept ?? fetch(event.request)));
  });
}
