// What the pictures' tests ask of the shipped modules: the pass page's code, drawn; and a picture, read as the scanner's camera is.
import { CodeReader, LOOKS } from "../../common/pages/browser/gate/code_reader";
import { drawQr } from "../../common/pages/browser/pass/qr";

declare global {
  interface Window {
    drawPass(event: string, zone: string, code: string): void;
    readPicture(jpeg: string): Promise<{ text: string | null; looks: number; milliseconds: number }>;
  }
}
let reader: CodeReader | null = null;

window.drawPass = (event, zone, code) => {
  const part = <T extends Element = HTMLElement>(selector: string): T => document.querySelector<T>(selector)!;
  part("[data-event]").textContent = event;
  part("[data-zone]").textContent = zone;
  part("[data-time]").textContent = "18:02:30";
  part("[data-code]").hidden = part("[data-zone]").hidden = false;
  drawQr(part<SVGSVGElement>("[data-qr]"), code);
};

// As often as the scanner looks at a picture that does not move.
window.readPicture = async (jpeg) => {
  reader ??= new CodeReader("/zxing_reader.wasm");
  const picture = await createImageBitmap(await (await fetch(jpeg)).blob());
  const from = performance.now();
  let text: string | null = null;
  let looks = 0;
  while (text === null && looks < LOOKS) {
    text = await reader.read(picture, picture.width, picture.height);
    looks++;
  }
  return { text, looks, milliseconds: performance.now() - from };
};
