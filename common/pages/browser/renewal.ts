// The page's side of its service worker (kept.ts): a new version is looked for at each visit, and each time that somebody comes back to it.
// It is taken as a whole; `act` is called once the worker of the new version answers, so that the page can be opened anew when that disturbs nobody.
export function keptBy(worker: string, options: RegistrationOptions, act: () => void): void {
  if (!("serviceWorker" in navigator)) return;
  let known = navigator.serviceWorker.controller !== null;
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    if (known) act();
    known = true; // the first is the version that this page is of
  });
  void navigator.serviceWorker
    .register(worker, options)
    .then((kept) => document.addEventListener("visibilitychange", () => document.hidden || void kept.update().catch(() => undefined)))
    .catch(() => undefined);
}

// Whether a person has done anything on this page yet.
export function untouched(): () => boolean {
  let touched = false;
  for (const name of ["pointerdown", "keydown", "input"]) addEventListener(name, () => (touched = true), { capture: true, once: true });
  return () => !touched;
}
