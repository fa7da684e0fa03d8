// The pass page's service worker: one shell for all passes, in which nothing is anybody's; what the page asks of the wallet goes to the wallet.
import { keep, listed } from "../kept";

const { version, folder, files } = listed<{ version: string; folder: string; files: Record<string, string> }>();
const isPage = (path: string): boolean => path.startsWith(folder) && !path.slice(folder.length).includes("/");
keep({ prefix: `tegata-pass-${folder}`, version, page: folder, files, also: [], isPage }); // each wallet has its own
