// For screens that nobody sits before, or that are without a network for a while: they come back by themselves.

const AGAIN_MS = 15_000;
const there = (): Promise<boolean> => fetch(location.pathname, { cache: "no-store", headers: { "Huying-Background": "1" } }).then((page) => page.ok, () => false);

/** Register the service worker for the screen at `scope` alone: no other may ever be shown old. */
export function openAlways(scope: string): void {
  if ("serviceWorker" in navigator) navigator.serviceWorker.register("/sw.js", { scope }).catch(() => undefined);
}

/** Load the page anew as soon as the house gives it out; before that one would see the browser's own fault. */
export async function reloadWhenThere(): Promise<void> {
  if (await there()) location.reload();
  else setTimeout(reloadWhenThere, AGAIN_MS);
}

/** Whether the house has another edition of the screens by now than the one that runs here. */
export async function renewed(): Promise<boolean> {
  const mine = document.querySelector<HTMLScriptElement>("script[type=module][src]")?.getAttribute("src");
  const page = await fetch("/app/index.html", { cache: "no-cache", headers: { "Huying-Background": "1" } });
  return !!mine && page.ok && !(await page.text()).includes(mine);
}
