import { svelte } from "@sveltejs/vite-plugin-svelte";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";
import { offline } from "./offline.ts";
import { words } from "./words.ts";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
// Where a server of the house runs while one works on the screens: `make run`, then `npm run dev`.
const HOUSE = process.env["HUYING_URL"] ?? "http://127.0.0.1:8700";

export default defineConfig(({ command }) => ({
  // While one works on them, screens have their own addresses; the house gives out the built parts under /app/.
  base: command === "build" ? "/app/" : "/",
  plugins: [words(here("../src/huying/words")), svelte(), offline(here("./sw.js"), "/screens/unit/Unit.svelte")],
  resolve: { alias: { $lib: here("./src/lib") } },
  build: {
    outDir: here("../src/huying/web/app"),
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0, // the content policy allows files of the house, no data of a style
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1400, // the map is one big part, loaded only where a map is shown
  },
  worker: { format: "es" },
  // The house takes what changes something from a page of its own host alone, so the host is passed on.
  server: { proxy: { "^/(api|healthz|sign-in|static|map|openapi.json)": { target: HOUSE, changeOrigin: false } } },
}));
