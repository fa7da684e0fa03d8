// The parts of the page, by their marks. A mark that is missing is our own mistake.
export function part<T extends Element = HTMLElement>(selector: string, root: ParentNode = document): T {
  const element = root.querySelector<T>(selector);
  if (element === null) throw new Error(`the page has no ${selector}`);
  return element;
}

export function on(selector: string, act: () => void | Promise<void>): void {
  part(selector).addEventListener("click", () => void act());
}

export function onSubmit(selector: string, act: () => void | Promise<void>): void {
  part(selector).addEventListener("submit", (event) => {
    event.preventDefault();
    void act();
  });
}

export function make(tag: string, text: string, marks: Record<string, string> = {}): HTMLElement {
  const element = document.createElement(tag);
  element.textContent = text;
  for (const [name, value] of Object.entries(marks)) element.setAttribute(name, value);
  return element;
}

export function saveFile(name: string, data: Uint8Array<ArrayBuffer>): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([data], { type: "application/octet-stream" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
