// Buttons that copy or share what stands beside them as selectable text. They appear only where the browser can do it.
export function offerToCopy(root: ParentNode): void {
  for (const button of root.querySelectorAll<HTMLButtonElement>("button[data-copy][hidden]")) {
    if (!("clipboard" in navigator)) continue;
    button.hidden = false;
    button.addEventListener("click", () => void copy(button));
  }
  for (const button of root.querySelectorAll<HTMLButtonElement>("button[data-share][hidden]")) {
    if (!("share" in navigator)) continue;
    button.hidden = false;
    button.addEventListener("click", () => void navigator.share({ text: button.dataset["share"] ?? "" }).catch(() => undefined));
  }
}

async function copy(button: HTMLButtonElement): Promise<void> {
  const before = button.textContent;
  await navigator.clipboard.writeText(button.dataset["copy"] ?? "");
  button.textContent = button.dataset["done"] ?? before;
  button.setAttribute("aria-live", "polite");
  setTimeout(() => (button.textContent = before), 2500);
}
