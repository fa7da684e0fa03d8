// On the wallet's other pages: passes whose ticket is gone from the wallet, or that this phone shall forget, go from this browser too.
// data-passes: the wallet's name; data-ids: the passes that it has. A form with data-forget-pass or data-forget-passes removes before it sends.
import { Shelf } from "./shelf";

const list = document.querySelector<HTMLElement>("[data-passes]");
if (list !== null && "indexedDB" in window) {
  const tenant = list.dataset["passes"] ?? "";
  const ids = list.dataset["ids"];
  if (ids !== undefined) void sweep(tenant, new Set(ids.split(" ")));
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-forget-pass], form[data-forget-passes]")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void forget(tenant, form.dataset["forgetPass"]).finally(() => form.submit());
    });
  }
}

async function sweep(tenant: string, ids: Set<string>): Promise<void> {
  const shelf = await Shelf.open();
  for (const kept of await shelf.all(tenant)) if (!ids.has(kept.facts.id)) await shelf.remove(tenant, kept.facts.id);
}

async function forget(tenant: string, id: string | undefined): Promise<void> {
  const shelf = await Shelf.open();
  await (id === undefined ? shelf.removeAll(tenant) : shelf.remove(tenant, id));
}
