// The scanner: what stands on the page put together. Everything but the first load works with no network.
import { keptBy, untouched } from "../renewal";
import { readySound } from "../sound";
import { Awake } from "./awake";
import { hex } from "./bytes";
import { Camera } from "./camera";
import { Journal } from "./chain";
import { packAt, type Post } from "./decide";
import { Desk, seconds } from "./desk";
import { anotherKey, deviceKey, isKept, onlyWindow } from "./device";
import { on, part } from "./dom";
import { Hub } from "./hub";
import { Link } from "./link";
import { importIssuerKeys } from "./pack";
import { PackShelf } from "./pack_shelf";
import { ScanPage } from "./scan_page";
import { Setup } from "./setup";
import { Share } from "./share";
import { get, keep, openStore } from "./store";
import { type Language, Words } from "./words";

const TICK_MS = 1000;
const HEAD_MS = 30_000;
const PACK_MS = 60_000;
const STRANGER_MS = 5000;

type View = "prepare" | "scan" | "share";
let view: View = "prepare";

async function begin(words: Words): Promise<void> {
  const isUntouched = untouched();
  keptBy("sw.js", {}, () => {
    if (view === "prepare" && isUntouched()) location.reload();
    else part("[data-renewal]").hidden = false;
  });
  on("[data-renew]", () => location.reload());
  await onlyWindow(() => say("bad", () => words.t("other_window")));
  say("good", null);
  const database = await openStore();
  const device = await deviceKey(database);
  const hub = new Hub(new URL(".", location.href).pathname);
  const shelf = new PackShelf(database);
  await shelf.open();
  let desk: Desk | null = null;
  let headed = 0;
  const awake = new Awake();
  readySound();

  const scanPage = new ScanPage(words, () => desk, (text) => share.frame(text), say);
  const camera = new Camera(part<HTMLVideoElement>("video"), document.body.dataset["wasm"] ?? "", (text, from) => scanPage.code(text, from), () => scanPage.cameraGone());
  scanPage.useCamera(camera);

  const setup = new Setup(database, device, shelf, hub, words, say, start);
  const share = new Share(words, () => desk, (data, name) => takePack(data, name), () => scanPage.write());

  // A newer pack takes effect with the next code; the journal stays.
  async function start(post: Post): Promise<void> {
    const pack = shelf.pack;
    if (pack === null) return;
    const gone = desk;
    const journal = gone?.pack.event === pack.event ? gone.journal : await Journal.open(database, pack.event, device);
    const locked = (await get<number>(database, "device", `locked/${pack.event}`)) ?? null;
    post.lockedAt = locked;
    const isLocked = (at: number) => {
      void keep(database, "device", `locked/${pack.event}`, at);
      scanPage.write(); // at once, not with the next guest
    };
    const link: Link = gone?.pack.event === pack.event ? gone.link : new Link(hub, async () => desk?.lock(Date.now()), () => retire(journal));
    journal.strangers = false;
    const here = packAt(pack, journal.gate, post);
    post.home = here.home;
    const made = new Desk(here.pack, await importIssuerKeys(pack), post, journal, link, isLocked, gone, renewed);
    desk = made;
    const named = pack.gates.find((gate) => gate.id === journal.gate)?.lockedAt ?? null;
    if (named !== null && locked === null) await made.lock(Date.now()); // whatever this clock says
    setup.kept = await isKept(true);
    part("[data-kept]").hidden = setup.kept;
    if (!here.hasPlace) {
      if (view !== "prepare") show("prepare");
      say("bad", () => words.t("post.moved")); // nobody enters here until a person has chosen where it stands
    } else if (gone === null || view === "prepare") {
      scanPage.clear();
      say("good", null);
      show("scan");
    } else scanPage.write();
    void link.sync(journal, pack, Date.now()).then(() => scanPage.write());
  }

  // The hub has more of this device's journal than the device itself: what it went on with would be a second chain of the same name.
  async function retire(journal: Journal): Promise<void> {
    journal.retired = true;
    desk = null;
    await anotherKey(database, hex(device.name));
    location.reload();
  }

  async function takePack(data: Uint8Array<ArrayBuffer>, name: string): Promise<void> {
    await setup.take(data, name);
    if (desk !== null && shelf.pack !== null && shelf.pack !== desk.pack) await start({ ...desk.post });
  }

  function show(next: View): void {
    view = next;
    if (next !== "scan") camera.stop();
    if (next === "prepare") awake.end();
    else awake.begin();
    if (next !== "share") share.hide();
    for (const section of document.querySelectorAll<HTMLElement>("[data-view]")) section.hidden = section.dataset["view"] !== next;
    title();
    if (next === "prepare") void setup.show();
    if (next === "share") share.write();
    scanPage.write();
    scrollTo(0, 0);
  }

  function title(): void {
    const entrance = desk?.pack.entrances.get(desk.post.entrance);
    const place = entrance === undefined ? "" : words.named(entrance.names);
    part("[data-title]").textContent = view === "scan" ? words.t(desk?.post.leaving ? "scan.title_out" : "scan.title_in", { place }) : words.t(`${view}.title`);
    part("[data-place]").textContent = desk === null ? words.t("title") : words.named(desk.pack.names);
    document.title = `${part("[data-title]").textContent} | ${part("[data-place]").textContent}`;
  }

  for (const button of document.querySelectorAll<HTMLElement>("[data-lang]")) {
    button.addEventListener("click", () => {
      words.choose(button.dataset["lang"] === "en" ? "en" : "ja");
      words.apply();
      title();
      setup.write();
      scanPage.write();
      share.write();
      notice();
    });
  }
  for (const button of document.querySelectorAll<HTMLElement>("[data-go]")) button.addEventListener("click", () => show(button.dataset["go"] as View));
  on("[data-sound]", () => scanPage.toggleSound());

  // Once a second: the age of the facts, the challenge; now and then a head, the hub, a newer pack.
  let asked = 0;
  setInterval(() => {
    const now = Date.now();
    scanPage.tick();
    if (desk === null) return;
    if (now - headed >= HEAD_MS) {
      headed = now;
      void desk.journal.head(now);
    }
    if (desk.link.mayTry(now) && (!desk.link.linked || now - (desk.link.heardAt ?? 0) >= HEAD_MS)) {
      void desk.link.sync(desk.journal, desk.pack, now).then(() => scanPage.write());
    }
    if (desk.link.linked && (now - asked >= PACK_MS || (desk.journal.strangers && now - asked >= STRANGER_MS))) {
      asked = now;
      void newer(seconds(now));
    }
  }, TICK_MS);

  // The desk of a newer pack, null where the hub has handed out none.
  async function renewed(): Promise<Desk | null> {
    const before = desk;
    await newer(seconds(Date.now()));
    return desk === before ? null : desk;
  }

  async function newer(now: number): Promise<void> {
    try {
      if ((await shelf.refresh(hub, now)) && desk !== null) await start({ ...desk.post });
    } catch {
      // the hub went away, or handed out what is not to be believed: what is loaded stays
    }
  }

  show("prepare");
  void setup.look();
}

let notice: () => void = () => undefined;

function say(kind: "good" | "bad" | "wait", text: (() => string) | null): void {
  const place = part("[data-notice]");
  place.hidden = text === null;
  place.className = `notice ${kind}`;
  notice = () => (place.textContent = text?.() ?? "");
  notice();
}

const words = new Words(JSON.parse(document.body.dataset["words"] ?? "{}") as Record<Language, Record<string, string>>);
words.apply();
begin(words).catch((error: unknown) => {
  console.error(error);
  say("bad", () => words.t("no_storage"));
});
