// What this page knows of the sandbox, and what the member is about to do.

export const EPHEMERAL = 64, LOADING = 128;
export const STRING = 3, BOOLEAN = 5, USER = 6, CHANNEL = 7, ROLE = 8, MENTIONABLE = 9, ATTACHMENT = 11;

export const state = {
  speaker: sessionStorage.getItem("speaker") ?? "Ada",
  channel: sessionStorage.getItem("channel"),
  viewer: "", locale: "en-US", people: new Map(), roles: [], channels: [], commands: [], online: true,
  messages: new Map(),
  replyTo: null, ping: true,
  files: [],             // uploads waiting to be sent: {id, filename, option}
  typing: new Map(),     // channel id → timer
  drafts: new Map(),     // channel id → unsent text
  next: null,            // what to do once the page shows what another member sees
  arriving: null,        // kept when it does
  arrive: () => {},      // keeps it
};

const PATIENCE = 3000; // milliseconds

/** Wait until the page shows what the speaker sees who was just chosen: their commands, too. */
export const arrived = () => Promise.race([state.arriving, new Promise((resolve) => setTimeout(resolve, PATIENCE))]);

export const here = () => state.channels.find((channel) => channel.id === state.channel);
export const title = (channel) => (channel.dm ? "Limner" : channel.name);

export const dmOf = (message) => state.channels.find((channel) => channel.id === message.channel_id)?.dm;
export const mentionsMe = (message) => message.mention_everyone || message.mentions.some((user) => user.id === state.viewer);

/** The channel's newest picture that is finished: while it is painted, Cancel is all that can be pressed. */
export function newestPicture() {
  const buttons = (message) => message.components.flatMap((row) => row.components).length;
  return [...state.messages.values()].filter((message) => message.channel_id === state.channel && message.author.bot &&
    !(message.flags & EPHEMERAL) && message.attachments.length === 1 && buttons(message) > 1).at(-1);
}
