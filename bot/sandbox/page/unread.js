// Which messages a member has not seen yet, in this tab: also those that came while another member spoke here.

import { EPHEMERAL, dmOf, mentionsMe, state } from "./state.js";

const DISCORD_EPOCH = 1420070400000;
const marks = JSON.parse(sessionStorage.getItem("read") ?? "{}"); // "viewer/channel" → the newest id that was seen
marks.since ??= String(BigInt(Date.now() - DISCORD_EPOCH) << 22n);

const save = () => sessionStorage.setItem("read", JSON.stringify(marks));
save();

export function markRead(channel) {
  const seen = [...state.messages.values()].filter((message) => message.channel_id === channel && !message.local);
  if (seen.length) marks[`${state.viewer}/${channel}`] = seen.at(-1).id;
  save();
}

/** How many unseen messages of the channel are meant for the member; null when there is none at all. */
export function unread(channel) {
  const mark = BigInt(marks[`${state.viewer}/${channel}`] ?? marks.since);
  const unseen = [...state.messages.values()].filter((message) => message.channel_id === channel && !message.local &&
    message.author.id !== state.viewer && BigInt(message.id) > mark);
  return unseen.length ? unseen.filter((message) => mentionsMe(message) || dmOf(message) || message.flags & EPHEMERAL).length : null;
}
