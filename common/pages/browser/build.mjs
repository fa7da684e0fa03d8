// Bundles what a browser needs into ../static/built: scripts, style sheets and the reader of QR codes. `npm run build`.
import { build } from "esbuild";
import { copyFile, mkdir, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const out = fileURLToPath(new URL("../static/built/", import.meta.url));
const require = createRequire(import.meta.url);

await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
await build({
  absWorkingDir: here,
  entryPoints: ["pages.ts", "scan.ts", "pages.css", "gate/scanner.ts", "gate/worker.ts", "gate/scanner.css", "pass/page.ts", "pass/worker.ts", "pass/forget.ts", "pass/pass.css"],
  outdir: out,
  bundle: true,
  minify: true,
  format: "iife",
  target: ["es2022", "safari16", "firefox115", "chrome110"],
  legalComments: "linked",
  logLevel: "warning",
});
await copyFile(require.resolve("zxing-wasm/reader/zxing_reader.wasm"), `${out}zxing_reader.wasm`);
