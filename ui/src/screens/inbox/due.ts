// What a referral's clock says, and in which drawer it lies.
import type { Answer } from "$lib/api";
import { inWords } from "$lib/clock.svelte";
import { t } from "$lib/words.svelte";

export type Line = Answer<"get", "/api/referrals">["items"][number];
export const TABS = ["running", "offered", "accepted", "soon", "overdue", "returned", "resolved"] as const;
export type Tab = (typeof TABS)[number];

// What is due within so long is due soon: a quarter of its own time, and never less than an hour.
const SOON_SHARE = 4;
const SOON_MS = 3_600_000;

export const isRunning = (line: Line): boolean => line.status === "offered" || line.status === "accepted";

const ms = (at: string | null): number => (at ? Date.parse(at) : 0);

/** What must be done next by when: first it is accepted, then answered. Milliseconds. */
export const nextDue = (line: Line): number => {
  const accept = line.status === "offered" ? ms(line.accept_due) : 0;
  return accept && accept < ms(line.due) ? accept : ms(line.due);
};
export const isLate = (line: Line, now: number): boolean => isRunning(line) && nextDue(line) < now;
export const isSoon = (line: Line, now: number): boolean => {
  const left = nextDue(line) - now;
  const whole = nextDue(line) - ms(line.offered_at);
  return isRunning(line) && left >= 0 && left < Math.max(SOON_MS, whole / SOON_SHARE);
};

export function isIn(tab: Tab, line: Line, now: number): boolean {
  if (tab === "running") return isRunning(line);
  if (tab === "soon") return isSoon(line, now);
  if (tab === "overdue") return isLate(line, now);
  return line.status === tab;
}

/** The clock in words: "3 h left to accept", "2 days late". */
export function clockWords(line: Line, now: number): string {
  const left = nextDue(line) - now;
  const what = line.status === "offered" && nextDue(line) !== ms(line.due) ? "accept" : "answer";
  return t(left < 0 ? `inbox.late.${what}` : `inbox.left.${what}`, { time: inWords(left) });
}
