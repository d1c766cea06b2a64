// A verdict in words, then on the screen: shape, word, colour, sound and vibration say the same thing. Text only, never markup.
import { tell } from "./sound.js";
import { count, describe, hour, say } from "./words.js";

const LOOK = {
  admitted: "admitted",
  already_in: "inside",
  elsewhere: "elsewhere",
  too_early: "early",
  too_late: "early",
  cancelled: "cancelled",
  revoked: "cancelled",
  unknown: "unknown",
  unlisted: "early",
  left: "inside",
  not_in: "unknown",
  moved: "elsewhere",
  full: "cancelled",
  standby: "early",
  undone: "inside",
  no_line: "unknown",
};

// `result` is one answer of POST /api/v1/scans, or the phone's own in the same form, with `offline` set.
export function compose(result) {
  const [big, detail] = (SENTENCES[result.verdict] ?? SENTENCES.unknown)(result);
  const look = LOOK[result.verdict] ?? "unknown";
  return {
    look: result.offline && look === "admitted" ? "offline" : look,
    quiet: result.quiet ?? false,
    word: say(`word_${result.verdict}`),
    big,
    detail: [detail, result.conflict ? say("conflict") : "", result.offline ? offlineNote(result) : ""].filter(Boolean),
    notes: result.verdict === "admitted" && result.notes?.length ? [say("look", { what: result.notes.join(" · ") })] : [],
  };
}

const SENTENCES = {
  admitted: (result) => [walked(result) ?? party(result) ?? visit(result), [person(result), result.reason === "override" ? say("overruled") : "", result.reason === "back" ? say("came_back") : ""].filter(Boolean).join(" ")],
  already_in: (result) => [
    result.first ? say(result.first.here ? "in_here" : "in_there", { hour: hour(result.first.at), door: result.first.door }) : "",
    [person(result), result.first?.device ? say("in_device", { device: result.first.device }) : "", say("in_again")].join(" ").trim(),
  ],
  elsewhere: (result) => [expected(result.elsewhere), ride(result.elsewhere)],
  too_early: (result) => [say("leaves_at", { hour: hour(result.starts_at) }), say("back_at", { hour: hour(result.opens_at) })],
  too_late: (result) => [
    result.reason === "released" ? say("given_away", { hour: hour(result.gone_at) }) : say("left_at", { hour: hour(result.starts_at) }),
    next(result),
  ],
  cancelled: (result) => [gone(result), next(result)],
  revoked: () => [say("revoked"), say("revoked_detail")],
  unknown: () => [say("unknown"), say("unknown_detail")],
  unlisted: () => [say("unlisted"), say("unlisted_detail")],
  left: (result) => [goneOut(result), result.tickets ? "" : person(result)],
  not_in: (result) => [say("not_in"), person(result)],
  moved: (result) => [say("moved", { hour: hour(result.to) }), person(result)],
  full: (result) => [say("full"), result.left ? count("places", result.left) : say("full_detail")],
  standby: (result) => [count("people", result.persons), say("standby_detail")],
  undone: () => [say("undone"), say("undone_detail")],
  no_line: () => [say("no_line"), say("no_line_detail")],
};

const visit = (result) => (result.starts_at ? say("visit_at", { hour: hour(result.starts_at) }) : say("guest"));

function party(result) {
  if (!result.tickets) return null;
  const size = result.tickets.length;
  const inside = result.tickets.filter((one) => one.entered || one.verdict === "already_in").length;
  return inside === size ? count("party_all", size) : say("party_some", { n: inside, size });
}

const walked = (result) => (result.kind === "walk_in" ? say("walked", { people: count("people", result.persons) }) : null);

const goneOut = (result) => {
  const out = result.tickets ? result.tickets.filter((one) => one.verdict === "left").length : 1;
  return count("left", out);
};

const person = (result) => (result.who ? `${describe(result.who)}.` : "");

const expected = (there) => (there ? say("expected", { hour: hour(there.starts_at), company: there.company }) : say("no_seat"));

function ride(there) {
  if (!there) return "";
  const minutes = there.minutes === null ? "" : say("ride", { n: there.minutes });
  return [minutes, there.possible ? say("still_possible") : ""].filter(Boolean).join(" ");
}

const next = (result) => (result.elsewhere?.possible ? `${expected(result.elsewhere)} ${ride(result.elsewhere)}` : "");

function gone(result) {
  if (result.reason === "given_back" && result.gone_at) return say("given_back_at", { hour: hour(result.gone_at) });
  return say(`gone_${result.reason || "none"}`);
}

const offlineNote = (result) => (result.listed_at ? say("offline_list", { hour: hour(result.listed_at) }) : say("offline"));

// Fills the one verdict screen and makes it heard.
export function draw(screen, composed) {
  screen.dataset.verdict = composed.look;
  screen.querySelector("[data-shape]").setAttribute("href", `#v-${composed.look}`);
  screen.querySelector("[data-word]").textContent = composed.word;
  screen.querySelector("[data-big]").textContent = composed.big;
  const lines = [...composed.detail, ...composed.notes].map((words) => {
    const line = document.createElement("p");
    line.textContent = words;
    return line;
  });
  screen.querySelector("[data-detail]").replaceChildren(...lines);
  if (!composed.quiet) tell(composed.look);
}
