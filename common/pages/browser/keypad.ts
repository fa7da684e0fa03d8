// Keys on the screen for machines without a keyboard: `data-keypad` names the field that they type into. Without script they stay hidden.
export function showKeypads(root: ParentNode): void {
  for (const pad of root.querySelectorAll<HTMLElement>("[data-keypad]")) pad.hidden = false;
}

export function typeByKeypad(root: Document): void {
  root.addEventListener("click", (event) => {
    const key = event.target instanceof Element ? event.target.closest<HTMLButtonElement>("[data-keypad] button") : null;
    const pad = key?.closest<HTMLElement>("[data-keypad]");
    const field = root.getElementById(pad?.dataset["keypad"] ?? "");
    if (key === null || !(field instanceof HTMLInputElement)) return;
    if (key.dataset["keyClear"] !== undefined) field.value = "";
    else if (key.dataset["keyBack"] !== undefined) field.value = field.value.slice(0, -1);
    else if (field.maxLength < 0 || field.value.length < field.maxLength) field.value += key.dataset["key"] ?? "";
  });
}
