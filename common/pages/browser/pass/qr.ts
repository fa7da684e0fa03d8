// A QR code as one path of an SVG: capitals and digits only (alphanumeric mode), error correction M, always dark on white.
import { encodeQR } from "qr";

const BORDER = 4;
const SVG = "http://www.w3.org/2000/svg";

export function drawQr(box: SVGSVGElement, text: string): void {
  const rows = encodeQR(text, "raw", { ecc: "medium", encoding: "alphanumeric", border: BORDER });
  const path = box.querySelector("path") ?? box.appendChild(document.createElementNS(SVG, "path"));
  box.setAttribute("viewBox", `0 0 ${rows.length} ${rows.length}`);
  path.setAttribute("d", rows.map(line).join(""));
}

function line(row: readonly boolean[], y: number): string {
  let path = "";
  for (let x = 0; x < row.length; x++) {
    if (row[x] !== true) continue;
    let end = x;
    while (row[end] === true) end++;
    path += `M${x} ${y}h${end - x}v1h-${end - x}z`;
    x = end;
  }
  return path;
}
