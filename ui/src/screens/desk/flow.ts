// Where Enter and Escape lead on the desk: an answered field leads to the next question, the last one back to the
// words, from where Enter takes the call. No field of the desk is a dead end for who can't look down.
const QUESTION = "[data-question]";

export const toWords = (): void => document.getElementById("words")?.focus();
export const toQuestions = (): void => document.querySelector<HTMLElement>(QUESTION)?.focus();
export const toContact = (): void => document.getElementById("phone")?.focus();

/** On to the question after the one that `from` answers; the words come after the last. */
export function onward(from: HTMLElement): void {
  const all = [...document.querySelectorAll<HTMLElement>(QUESTION)];
  const code = from.dataset["question"];
  const next = code ? all.slice(all.indexOf(from) + 1).find((each) => each.dataset["question"] !== code) : undefined;
  if (next) next.focus();
  else toWords();
}

/** Enter in a field of one line says: that was it. */
export function enter(event: KeyboardEvent): void {
  if (event.key !== "Enter" || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  event.stopPropagation();
  onward(event.currentTarget as HTMLElement);
}
