// The list of incidents: one row each, changed in place, so that nothing jumps under the cursor.
import { ago, element as el, local } from "/static/parts.js";

const SOON_MS = 120000; // a clock turns amber two minutes before its time

export class Rows {
  constructor(place, tools, choose) {
    Object.assign(this, { place, tools, choose, lines: new Map(), rows: new Map(), selected: 0, known: false });
  }

  // `whole`: what isn't among the lines is gone; else the lines are the newest ones.
  put(lines, whole) {
    const oldest = whole ? 0 : Math.min(...lines.map((each) => each.id));
    const there = new Set(lines.map((each) => each.id));
    for (const id of this.lines.keys()) if (id >= oldest && !there.has(id)) this.drop(id);
    for (const line of lines) {
      const fresh = this.known && !this.lines.has(line.id);
      if (this.lines.get(line.id)?.version !== line.version || !this.rows.has(line.id)) this.draw(line, fresh);
      this.lines.set(line.id, line);
    }
    this.known = true;
    this.show();
  }

  drop(id) {
    this.lines.delete(id);
    this.rows.get(id)?.remove();
    this.rows.delete(id);
  }

  draw(line, fresh) {
    const { tools } = this;
    let row = this.rows.get(line.id);
    if (!row) {
      row = el("button", { type: "button" });
      row.onclick = () => this.choose(line.id);
      this.rows.set(line.id, row);
    }
    row.className = `row p${line.priority}${fresh ? " new" : ""}`;
    row.setAttribute("aria-expanded", line.id === this.selected);
    const who = [...line.units.map(tools.unit), ...line.agencies.map(tools.agency)].join(tools.word("board.comma"));
    const flags = line.escalations ? el("span", { class: "flag" }, ` ▲${line.escalations} ${tools.word("board.escalated")}`) : "";
    row.replaceChildren(
      el("span", { class: "mark" }, `P${line.priority}`),
      el("span", { class: "age", title: local(line.opened_at, tools) }),
      el("span", { class: "no" }, `#${line.id}`),
      el("span", { class: "what" }, tools.type(line.type), el("span", { class: "where" }, line.address)),
      el("span", { class: `state ${line.status}` }, tools.word(`status.incident.${line.status}`)),
      el("span", { class: "who", title: who }, line.duty_desk ? tools.word("board.filter.desk") : who),
      el("span", { class: "said" }, line.calls > 1 ? `${line.calls}× ` : "", line.title, flags));
    this.age(line, row);
  }

  age(line, row) {
    const age = row.children[1], now = this.tools.now();
    const left = line.next_due ? Date.parse(line.next_due) - now : Infinity;
    age.textContent = ago(now - Date.parse(line.opened_at), this.tools.word);
    age.className = `age${left < 0 || line.escalations ? " late" : left < SOON_MS ? " soon" : ""}`;
  }

  tick() {
    for (const [id, line] of this.lines) {
      const row = this.rows.get(id);
      if (!row.hidden) this.age(line, row);
    }
  }

  // Newest first; rows that are in their place already aren't touched.
  show() {
    const { state } = this.tools;
    if (state.lang !== this.lang) {
      this.lang = state.lang;
      for (const line of this.lines.values()) this.draw(line, false);
    }
    const lines = [...this.lines.values()].filter((each) => this.fits(each, state.filter)).sort((a, b) => b.id - a.id);
    const wanted = lines.map((each) => this.rows.get(each.id));
    const kept = new Set(wanted);
    for (const child of [...this.place.children]) if (!kept.has(child)) child.remove();
    wanted.forEach((row, n) => { if (this.place.children[n] !== row) this.place.insertBefore(row, this.place.children[n] ?? null); });
    if (!wanted.length) this.place.append(el("p", { class: "empty" }, this.tools.word("board.incidents.none")));
  }

  fits(line, filter) {
    if (filter === "urgent") return line.priority <= 2;
    if (filter === "late") return line.escalations > 0 || (line.next_due && Date.parse(line.next_due) < this.tools.now());
    if (filter === "desk") return line.duty_desk;
    return true;
  }

  select(id) {
    for (const each of [this.selected, id]) this.rows.get(each)?.setAttribute("aria-expanded", each === id);
    this.selected = id;
  }
}
