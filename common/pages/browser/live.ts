// A part of the page that follows the server: `data-live` names a stream of server-sent events, `data-part` what to fetch when one
// arrives. The element is a live region, so a screen reader says the new text. `data-live-end` inside the part ends the listening.
import { sound } from "./sound";

const POLL_MS = 4000;
export const SHOWN = "tegata:shown"; // a part was put into the page; what it asks for first has the focus

export function listen(root: ParentNode): void {
  for (const element of root.querySelectorAll<HTMLElement>("[data-live]")) {
    const { live, part } = element.dataset;
    delete element.dataset["live"];
    if (live !== undefined && part !== undefined) follow(element, live, part);
  }
}

function follow(element: HTMLElement, stream: string, part: string): void {
  let over = false;
  let asked = false;
  let again = false;
  const source = new EventSource(stream);

  async function refresh(): Promise<void> {
    if (over) return;
    if (asked) {
      again = true;
      return;
    }
    asked = true;
    try {
      const answer = await fetch(part, { headers: { Accept: "text/html" }, credentials: "same-origin", cache: "no-store" });
      if (answer.ok) show(await answer.text());
    } catch {
      // The network is away for a moment; the next event or the next round asks again.
    } finally {
      asked = false;
    }
    if (again) {
      again = false;
      await refresh();
    }
  }

  function show(html: string): void {
    const holder = document.createElement("template");
    holder.innerHTML = html;
    if (holder.content.textContent?.trim() === element.textContent?.trim()) return;
    const held = element.contains(document.activeElement) ? document.activeElement?.getAttribute("href") : null;
    element.replaceChildren(holder.content);
    if (held) element.querySelector<HTMLElement>(`a[href="${CSS.escape(held)}"]`)?.focus({ preventScroll: true });
    element.dispatchEvent(new Event(SHOWN, { bubbles: true }));
    element.querySelector<HTMLElement>("[autofocus]")?.focus();
    const end = element.querySelector<HTMLElement>("[data-live-end]");
    if (end === null) return;
    over = true;
    source.close();
    clearInterval(timer);
    sound(end.dataset["liveEnd"] ?? "");
  }

  for (const name of ["message", "state", "changed", "verdict"]) source.addEventListener(name, () => void refresh());
  // A proxy that holds back event streams must not leave anybody waiting.
  const timer = setInterval(() => void refresh(), POLL_MS);
}
