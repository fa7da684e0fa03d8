// What every page loads. Each part looks for its own marks in the page and leaves the rest alone; without it all pages still work.
import "htmx.org";
import { offerToCopy } from "./copy";
import { preventSecondPress } from "./busy";
import { takeTurns } from "./frames";
import { showKeypads, typeByKeypad } from "./keypad";
import { listen, SHOWN } from "./live";

function begin(root: ParentNode): void {
  offerToCopy(root);
  listen(root);
  takeTurns();
  showKeypads(root);
}

preventSecondPress(document);
typeByKeypad(document);
begin(document);
document.addEventListener("htmx:after:swap", () => begin(document));
document.addEventListener(SHOWN, () => begin(document));
