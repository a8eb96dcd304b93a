// What has just happened, in one line at the foot of every screen, also read aloud; a refusal stays until
// it is closed or something else has been done.
import { Offline, Refused } from "$lib/api";
import { t } from "$lib/words.svelte";

interface Said {
  text: string;
  todo: string;
  bad: boolean;
}
const QUIET_MS = 6000;
export const said = $state<{ now: Said | null }>({ now: null });
let timer = 0;

export function tell(text: string): void {
  clearTimeout(timer);
  said.now = { text, todo: "", bad: false };
  timer = window.setTimeout(() => (said.now = null), QUIET_MS);
}

/** A refusal or failure in one breath: what happened, then what is safe and what to do. */
export const linesOf = (error: unknown): [string, string] =>
  error instanceof Refused ? [error.message, error.todo]
    : error instanceof Offline ? [t("state.offline"), t("state.offline.do")]
    : [t("state.broken"), t("state.broken.do")];

export function tellError(error: unknown): void {
  clearTimeout(timer);
  const [text, todo] = linesOf(error);
  said.now = { text, todo, bad: true };
  if (!(error instanceof Refused) && !(error instanceof Offline)) console.error(error);
}
export const hush = (): void => void (said.now = null);

/** Run a command of a person; what goes wrong is said, and false comes back. */
export async function attempt(does: () => Promise<unknown>, done = ""): Promise<boolean> {
  try {
    await does();
    if (done) tell(done);
    else hush();
    return true;
  } catch (error) {
    tellError(error);
    return false;
  }
}
