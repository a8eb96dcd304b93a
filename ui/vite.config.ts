import { svelte } from "@sveltejs/vite-plugin-svelte";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";
import { words } from "./words.ts";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
// Where a server of the house runs while one works on the screens: `make run`, then `npm run dev`.
const HOUSE = process.env["HUYING_URL"] ?? "http://127.0.0.1:8700";

export default defineConfig({
  base: "/app/",
  plugins: [words(here("../src/huying/words")), svelte()],
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
  server: { proxy: { "^/(api|healthz|sign-in|static|map|openapi.json)": HOUSE } },
});
