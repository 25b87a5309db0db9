// The sandbox's chat page: what a member sees, as Discord would show it, and what they do about it.

import { localised } from "./commands.js";
import { insert, replyTo, startComposer, suggest } from "./composer.js";
import { $, h } from "./dom.js";
import { on } from "./events.js";
import { follow } from "./follow.js";
import { say, unsay } from "./hint.js";
import { arrive, refresh, vanish } from "./messages.js";
import { offerModels } from "./models.js";
import { jump, listPlaces, openChannel, showWelcome, togglePlaces } from "./places.js";
import { here, state } from "./state.js";
import { roveMessages } from "./tabs.js";
import { tick } from "./text.js";
import { t } from "./texts.js";
import { showTries } from "./tries.js";
import { connect } from "./wire.js";

function enter(snapshot) {
  Object.assign(state, {
    viewer: snapshot.viewer, locale: snapshot.locale, roles: snapshot.roles, channels: snapshot.channels,
    online: snapshot.online,
    people: new Map(snapshot.people.map((person) => [person.id, person])),
    messages: new Map(snapshot.messages.map((message) => [message.id, message])),
  });
  state.commands = snapshot.commands.map(localised);
  if (!state.channels.some((channel) => channel.id === state.channel)) state.channel = state.channels[0].id;
  const select = $("speaker").querySelector("select");
  const members = snapshot.people.filter((person) => !person.bot);
  select.replaceChildren(...members.map((person) => h("option", { value: person.name }, person.name)));
  select.value = state.speaker = state.people.get(state.viewer).name;
  $("guild").textContent = snapshot.guild;
  presence();
  openChannel(state.channel);
  offerModels();
  state.arrive();
  const { next } = state;
  state.next = null;
  if (next) { next(); say(t("sandbox-now-speaking", { name: state.speaker })); }
}

function banner(text) {
  $("banner").hidden = !text;
  $("banner").textContent = text;
}

function presence() {
  banner(state.online ? "" : t("sandbox-offline"));
}

function typing(channel) {
  clearTimeout(state.typing.get(channel));
  state.typing.set(channel, setTimeout(() => { state.typing.delete(channel); suggest(); }, 10000));
  suggest();
}

on("state", enter);
on("create", ({ message }) => { arrive(message); suggest(); });
on("update", ({ message }) => { refresh(message); showTries(); });
on("delete", ({ id }) => { vanish(id); suggest(); });
on("commands", ({ commands }) => { state.commands = commands.map(localised); showWelcome(); suggest(); });
on("typing", ({ channel_id }) => typing(channel_id));
on("online", ({ online }) => { state.online = online; presence(); });
on("lost", () => banner(t("sandbox-lost")));
on("unread", listPlaces);
on("open", ({ id }) => openChannel(id, true));
on("jump", ({ id }) => jump(id));
on("reply", ({ id }) => replyTo(id));
on("insert", ({ text }) => insert(text));

/** See the page as another member, and then do something in their name. */
function speak({ as, next = null }) {
  unsay();
  state.speaker = as;
  sessionStorage.setItem("speaker", state.speaker);
  const dm = here()?.dm;
  if (dm) state.channel = null; // another member's direct messages are theirs
  Object.assign(state, { files: [], replyTo: null, next });
  state.arriving = new Promise((resolve) => { state.arrive = resolve; });
  connect();
}

on("speak", speak);
$("speaker").querySelector("select").addEventListener("change", (event) => speak({ as: event.target.value }));
$("open-places").addEventListener("click", () => togglePlaces(!document.body.classList.contains("placing")));
$("shade").addEventListener("click", () => togglePlaces(false));
$("places").addEventListener("keydown", (event) => { if (event.key === "Escape") togglePlaces(false); });
$("to-newest").addEventListener("click", () => follow.now());
$("viewer").addEventListener("click", (event) => { if (event.target === $("viewer")) $("viewer").close(); });
$("menu").addEventListener("keydown", (event) => {
  const items = [...$("menu").querySelectorAll("button")];
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) { event.preventDefault(); items.at((items.indexOf(document.activeElement) + step) % items.length).focus(); }
});
tick();
roveMessages($("log"));
startComposer();
follow.start();
connect();
if (matchMedia("(hover: hover)").matches) $("message").focus();
