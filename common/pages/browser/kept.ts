// What a service worker does for a page that works with no network: page and files are kept at the first visit, and come from here from then
// on; everything else goes to the server. The server writes the list in front of the worker's script, so that a changed file is a changed script.
// A version is kept whole or not at all: while a server is being renewed, its page and its files may be of different ones, and then what is
// kept already stays in use until the next visit.
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
  // prefix: of the names of this worker's caches. page: what answers for each path that isPage knows; it says its version.
  prefix: string;
  version: string;
  page: string;
  files: Record<string, string>; // address with its version → SHA-256, hexadecimal
  also: string[]; // what is kept as it comes
  isPage(path: string): boolean;
}

const AS_STORED = { ignoreVary: true }; // what a page was asked with (language, cookies) is not what it is opened with

export function listed<Kept>(): Kept {
  return (self as unknown as Scope<Kept>).TEGATA_KEPT;
}

export function keep({ prefix, version, page, files, also, isPage }: Pages): void {
  const worker = self as unknown as Scope<unknown>;
  const name = prefix + version;
  const isRight = async (path: string, body: ArrayBuffer): Promise<boolean> => {
    if (path === page) return new TextDecoder().decode(body).includes(`data-version="${version}"`);
    const wanted = files[path];
    return wanted === undefined || hex(await crypto.subtle.digest("SHA-256", body)) === wanted;
  };

  async function fetched(path: string): Promise<[string, Response]> {
    const answer = await fetch(path, { cache: "reload" });
    const stored = answer.clone();
    if (!answer.ok || !(await isRight(path, await answer.arrayBuffer()))) throw new TypeError(`${path} is not of version ${version}`);
    return [path, stored];
  }

  async function install(): Promise<void> {
    const all = await Promise.all([page, ...Object.keys(files), ...also].map(fetched)); // all, before any is kept
    const cache = await caches.open(name);
    await Promise.all(all.map(([path, answer]) => cache.put(path, answer)));
    await worker.skipWaiting();
  }

  // The version before stays too: a page of it that is open may still ask for its files.
  async function activate(): Promise<void> {
    const others = (await caches.keys()).filter((one) => one.startsWith(prefix) && one !== name);
    await Promise.all(others.slice(0, -1).map((one) => caches.delete(one)));
    await worker.clients.claim();
  }

  // The page is this version's. A file's address says which version it is of, so it may be in either.
  async function answer(request: Request, isVisit: boolean, path: string): Promise<Response> {
    const kept = isVisit ? await caches.open(name).then((cache) => cache.match(page, AS_STORED)) : await caches.match(path, AS_STORED);
    return kept ?? fetch(request);
  }

  worker.addEventListener("install", (event) => event.waitUntil(install()));
  worker.addEventListener("activate", (event) => event.waitUntil(activate()));
  worker.addEventListener("fetch", (event) => {
    const url = new URL(event.request.url);
    if (event.request.method !== "GET" || url.origin !== worker.location.origin) return;
    const isVisit = event.request.mode === "navigate" && isPage(url.pathname);
    const path = url.pathname + url.search;
    if (isVisit || also.includes(path) || url.searchParams.has("v")) event.respondWith(answer(event.request, isVisit, path));
  });
}

function hex(digest: ArrayBuffer): string {
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
