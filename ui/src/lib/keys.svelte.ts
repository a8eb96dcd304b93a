// Keyboard first: a screen says which keys act now, they are shown where they act, and `?` lists them all.
//   $effect(() => keys({ "j": { says: t("desk.join"), does: join }, "mod+k": … }));
// Single letters don't act while somebody types in a field; Escape, Enter with mod, and F-keys do.
import { untrack } from "svelte";

export interface Key {
  says: string;
  /** Gives false where whoever set keys before it may hear this one as well. */
  does: (event: KeyboardEvent) => unknown;
  /** Acts in fields as well. */
  typing?: boolean;
  hidden?: boolean;
}
type Keys = Record<string, Key>;

let stack = $state.raw<{ keys: Keys; n: number }[]>([]);
let next = 0;

export function keys(some: Keys): () => void {
  const n = next++;
  // An effect that sets keys must not run again because there are others.
  untrack(() => (stack = [...stack, { keys: some, n }]));
  return () => untrack(() => (stack = stack.filter((each) => each.n !== n)));
}

/** All keys that act now, the newest screen's first. */
export const known = (): [string, Key][] => {
  const found = new Map<string, Key>();
  for (const { keys: some } of [...stack].reverse())
    for (const [name, key] of Object.entries(some)) if (!found.has(name)) found.set(name, key);
  return [...found].filter(([, key]) => !key.hidden);
};

// A tick is no field: who has just ticked something goes on by key.
const isField = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && !target.matches("[type=checkbox], [type=radio]") && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

export function nameOf(event: KeyboardEvent): string {
  // With Alt a Mac types a sign of its own (†, ß): what counts is which key it was.
  const plain = event.altKey ? /^(?:Key|Digit)(.)$/.exec(event.code)?.[1] : undefined;
  const letter = plain?.toLowerCase() ?? (event.key.length === 1 ? event.key.toLowerCase() : event.key);
  const parts = [event.ctrlKey || event.metaKey ? "mod" : "", event.altKey ? "alt" : "", letter];
  return parts.filter(Boolean).join("+");
}

window.addEventListener("keydown", (event) => {
  if (event.isComposing || event.defaultPrevented) return; // an input method is still choosing characters
  const name = nameOf(event);
  const typing = isField(event.target) && !/^(Escape|F\d+)$/.test(event.key);
  for (const { keys: some } of [...stack].reverse()) {
    const key = some[name];
    if (!key || (typing && !key.typing)) continue;
    event.preventDefault();
    if (key.does(event) !== false) return;
  }
});

/** How a key is written on a screen: ⌘K on a Mac, Ctrl K elsewhere. */
export function written(name: string): string {
  const mac = /Mac|iP/.test(navigator.platform);
  const signs: Record<string, string> = { mod: mac ? "⌘" : "Ctrl ", alt: mac ? "⌥" : "Alt ", Enter: "↵", Escape: "Esc", ArrowUp: "↑", ArrowDown: "↓", ArrowLeft: "←", ArrowRight: "→" };
  return name.split("+").map((each) => signs[each] ?? each.toUpperCase()).join("");
}
