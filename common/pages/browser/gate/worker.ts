// The scanner's service worker: what the page asks of a hub goes to the hub.
import { keep, listed } from "../kept";

const { version, page, files } = listed<{ version: string; page: string; files: Record<string, string> }>();
keep({ prefix: "tegata-gate-", version, page, files, also: [`${page}manifest.webmanifest`], isPage: (path) => path === page });
