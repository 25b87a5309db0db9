// The connection to the sandbox: acts go out over HTTP, changes come in over a websocket.

import { emit } from "./events.js";
import { state } from "./state.js";
import { t } from "./texts.js";

let lastAct = 0; // when this member last did something: its answer is worth scrolling to

export async function act(path, body) {
  const channel = state.channel;
  if (path !== "autocomplete") lastAct = Date.now();
  try {
    const response = await fetch(`/page/${path}`, {
      method: "POST", body: JSON.stringify({ as: state.speaker, channel_id: channel, locale: state.locale, ...body }),
    });
    const answer = await response.json();
    return response.ok ? answer : { error: explain(answer) };
  } catch {
    return { error: t("sandbox-unreachable") };
  }
}

/** The sentence in one of Discord's error bodies; a form's first error says more than "Invalid Form Body". */
export function explain(body) {
  let errors = body.errors;
  while (errors && !errors._errors) errors = Object.values(errors)[0];
  return errors?._errors[0].message ?? body.message ?? t("sandbox-failed");
}

export const sinceLastAct = () => Date.now() - lastAct;

let socket = null;

export function connect() {
  socket?.close();
  const viewer = new URLSearchParams({ as: state.speaker, locale: navigator.language });
  const mine = socket = new WebSocket(`ws://${location.host}/page/events?${viewer}`);
  mine.onmessage = (frame) => { if (mine === socket) { const change = JSON.parse(frame.data); emit(change.event, change); } };
  mine.onclose = () => {
    if (mine !== socket) return;
    emit("lost");
    setTimeout(() => { if (mine === socket) connect(); }, 1000);
  };
}
