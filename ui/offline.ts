// Makes the service worker of the unit's page: `sw.js` with the names of all files that the page needs.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Plugin } from "vite";

interface Part {
  type: string;
  fileName: string;
  imports?: string[];
  facadeModuleId?: string | null;
  viteMetadata?: { importedCss: Set<string> };
}

/** `source` is the worker, `page` the end of the path of the component that must open without a network. */
export function offline(source: string, page: string): Plugin {
  return {
    name: "offline",
    apply: "build",
    enforce: "post",
    generateBundle(_, bundle) {
      const parts = Object.values(bundle) as unknown as Part[];
      const needed = new Set<string>();
      const add = (name: string): void => {
        const part = parts.find((each) => each.fileName === name);
        if (!part || needed.has(name)) return;
        needed.add(name);
        for (const css of part.viteMetadata?.importedCss ?? []) needed.add(css);
        for (const each of part.imports ?? []) add(each);
      };
      for (const each of parts)
        if (each.type === "chunk" && /(\/main\.ts|index\.html)$/.test(each.facadeModuleId ?? "")) add(each.fileName);
      const screen = parts.find((each) => each.type === "chunk" && each.facadeModuleId?.endsWith(page));
      if (!screen) this.error(`no part is made of ${page}`);
      add(screen.fileName);
      const files = [...needed].sort().map((name) => `/app/${name}`);
      const worker = readFileSync(source, "utf8");
      const edition = createHash("sha256").update(worker + files.join()).digest("hex").slice(0, 12);
      const head = `const EDITION = ${JSON.stringify(edition)};\nconst FILES = ${JSON.stringify(files)};\n`;
      this.emitFile({ type: "asset", fileName: "sw.js", source: head + worker });
    },
  };
}
