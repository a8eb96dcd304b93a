// Sentences of the screens live in the project's word files, like all others: `import "words:screen_desk"`
// makes those of src/huying/words/{zh,en}/screen_desk.toml known to `t("…")`. Only files that a page imports
// travel to it. A key that no word file has, or that one language lacks, ends the build.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { parse } from "smol-toml";
import type { Plugin } from "vite";

const LANGUAGES = ["zh", "en"] as const;
const START = "words:";
const USED = /\bt\(\s*"([\w.]+)"/g;

export function words(folder: string): Plugin {
  const read = (lang: string, room: string) => parse(readFileSync(join(folder, lang, `${room}.toml`), "utf8"));
  const known = new Set<string>();
  for (const file of readdirSync(join(folder, "zh"))) {
    const room = file.replace(/\.toml$/, "");
    const [zh, en] = LANGUAGES.map((lang) => new Set(Object.keys(read(lang, room))));
    for (const key of [...zh!, ...en!]) {
      if (!zh!.has(key) || !en!.has(key)) throw new Error(`words/${file}: ${key} is missing in one language`);
      known.add(key);
    }
  }
  return {
    name: "words",
    resolveId: (id) => (id.startsWith(START) ? `\0${id}` : undefined),
    load(id) {
      if (!id.startsWith(`\0${START}`)) return;
      const room = id.slice(START.length + 1);
      for (const lang of LANGUAGES) this.addWatchFile(join(folder, lang, `${room}.toml`));
      const [zh, en] = LANGUAGES.map((lang) => JSON.stringify(read(lang, room)));
      return `import { learn } from "$lib/words.svelte";\nlearn(${zh}, ${en});`;
    },
    transform(code, id) {
      if (!/\/src\/.*\.(svelte|ts)$/.test(id)) return;
      for (const [, key] of code.matchAll(USED))
        if (!known.has(key!)) this.error(`no word file has ${key}`);
    },
  };
}
