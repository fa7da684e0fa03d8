// QR codes that take turns, because what they say together is too much for one. Without script all of them stand on the page.
// Whoever asked for less motion sees the first, and goes on by hand. Two swaps a second stay below what WCAG 2.3.1 calls flashing.
const EVERY_MS = 500;

let place = 0;
let still = matchMedia("(prefers-reduced-motion: reduce)").matches;
let timer = 0;

function codes(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>("[data-frames] > [data-frame]")];
}

function show(step: number): void {
  const all = codes();
  if (all.length === 0) return;
  place = (place + step) % all.length;
  all.forEach((code, index) => (code.hidden = index !== place));
}

function mark(turn: HTMLButtonElement, next: HTMLButtonElement): void {
  turn.textContent = (still ? turn.dataset["go"] : turn.dataset["stop"]) ?? "";
  next.hidden = !still;
}

export function takeTurns(): void {
  const turn = document.querySelector<HTMLButtonElement>("[data-frames-turn]");
  const next = document.querySelector<HTMLButtonElement>("[data-frames-next]");
  show(0);
  if (turn === null || next === null || timer !== 0) return;
  turn.hidden = false;
  mark(turn, next);
  turn.addEventListener("click", () => {
    still = !still;
    mark(turn, next);
  });
  next.addEventListener("click", () => show(1));
  timer = window.setInterval(() => {
    if (!still) show(1);
  }, EVERY_MS);
}
