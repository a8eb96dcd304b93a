// One incident: what was said, who is on it, and its timeline in sentences.
import { ago, api, clock, element as el, local } from "/static/parts.js";

export class Story {
  constructor(place, tools, closed) {
    Object.assign(this, { place, tools, closed, id: 0 });
  }

  async open(id) {
    const fresh = this.id !== id;
    this.id = id;
    const found = await api(`/api/incidents/${id}`, this.tools.state.lang);
    if (this.id !== id) return;
    this.place.hidden = false;
    this.place.replaceChildren(...this.parts(found));
    if (fresh) this.place.scrollIntoView({ block: "nearest" });
  }

  close() {
    this.id = 0;
    this.place.hidden = true;
    this.closed();
  }

  parts({ incident, calls, timeline }) {
    const { tools } = this, { word } = tools;
    const shut = el("button", { type: "button", class: "quiet", title: "Esc" }, `✕ ${word("board.close")}`);
    shut.onclick = () => this.close();
    const place = incident.place;
    const point = place.lat === null ? "" : `${place.lat.toFixed(5)}, ${place.lon.toFixed(5)}`;
    const where = [place.address, point, place.error_m ? `±${Math.round(place.error_m)} m` : ""].filter(Boolean).join(" · ");
    return [
      el("div", { class: "top" }, el("span", { class: `mark p${incident.priority}` }, `P${incident.priority}`),
        el("h3", {}, `${tools.type(incident.type)} #${incident.id}`), shut),
      el("p", { class: "facts" }, el("span", { class: `state ${incident.status}` }, word(`status.incident.${incident.status}`)),
        ` · ${local(incident.opened_at, tools)}${where ? ` · ${where}` : ""}`),
      ...calls.slice(0, 5).map((call) => el("blockquote", {}, call.words || tools.type(call.stated_type))),
      ...this.section("board.units", incident.assignments.map((each) => this.assignment(each))),
      ...this.section("board.referrals", incident.referrals.map((each) => this.referral(each))),
      ...this.section("board.timeline", [this.timeline(timeline)]),
    ];
  }

  section(title, children) {
    return children.length ? [el("h4", {}, this.tools.word(title)), ...children] : [];
  }

  assignment(each) {
    const times = [["dispatched", each.dispatched_at], ["en_route", each.en_route_at], ["on_scene", each.on_scene_at], ["clear", each.clear_at]]
      .filter(([, at]) => at).map(([status, at]) => `${this.tools.word(`status.assignment.${status}`)} ${clock(at, this.tools)}`);
    return el("p", {}, `${this.tools.unit(each.unit)} · ${times.join(" → ")}`);
  }

  referral(each) {
    const { tools } = this;
    const running = each.status === "offered" || each.status === "accepted";
    const late = running && each.due && Date.parse(each.due) < tools.now();
    const due = each.due ? ` · ${tools.word("board.due")} ${local(each.due, tools)}` : "";
    const over = late ? el("span", { class: "flag" }, ` +${ago(tools.now() - Date.parse(each.due), tools.word)}`) : "";
    const said = each.answer || each.why;
    return el("p", {}, `${tools.agency(each.agency)} · ${tools.word(`status.referral.${each.status}`)}${due}`, over, said ? el("span", { class: "facts" }, ` · ${said}`) : "");
  }

  timeline(facts) {
    const { tools } = this;
    return el("ol", {}, ...facts.map((each) => el("li", { class: each.type === "deadline.escalated" ? "escalated" : "" },
      el("time", { datetime: each.at, title: local(each.at, tools) }, clock(each.at, tools)),
      el("span", {}, each.sentence, el("span", { class: "actor" }, each.actor)))));
  }
}
