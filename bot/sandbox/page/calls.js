// Sends what was written or chosen, and shows what comes of it where the bot does not.

import { fileOption, leaves, noSuchCommand, optionsOf, read, readAsWords, whatIsUnclear } from "./commands.js";
import { emit } from "./events.js";
import { say } from "./hint.js";
import { showModal } from "./modal.js";
import { EPHEMERAL, here, newestPicture, state } from "./state.js";
import { t } from "./texts.js";
import { act } from "./wire.js";

const MANY = 40; // characters of what was written, in a hint

export async function submit(text) {
  const command = read(text);
  if (command && !command.leaf) { say(noSuchCommand(command), true); return false; }
  const unclear = command && whatIsUnclear(command);
  if (unclear) { say(unclear, true); return false; }
  if (!command) return sendMessage(text);
  const filled = state.files.map((file) => fileOption(command, file));
  if (filled.includes(undefined)) { say(t("sandbox-takes-no-file", { command: `/${command.leaf.label}` }), true); return false; }
  if (new Set(filled).size < filled.length) { say(t("sandbox-takes-one-file", { option: filled[0].label }), true); return false; }
  const options = optionsOf(command);
  const missing = command.leaf.options.find((option) => option.required && !(option.name in options));
  if (missing) { say(t("sandbox-required-option", { option: missing.label }), true); return false; }
  if (command.strange) say(readAsWords(command));
  const waiting = settle(act("command", { name: command.leaf.name, options }), command.leaf.name);
  return await Promise.race([waiting, new Promise((resolve) => setTimeout(resolve, 150, true))]);
}

/** Wait for a command's outcome and show what the page itself has to show; false when it was never sent. */
async function settle(pending, name) {
  const outcome = await pending;
  if (outcome.outcome === "modal") showModal(outcome);
  else if (outcome.outcome === "failed") {
    localMessage(outcome.error, { name, user: { id: state.viewer } });
  } else if (outcome.error) { say(outcome.error, true); return false; }
  return true;
}

async function sendMessage(text) {
  const names = new Map([...state.people.values()].map((person) => [person.name.toLowerCase(), person.id]));
  const content = text.trim().replace(/@(\p{L}+)/gu, (whole, name) => (names.has(name.toLowerCase()) ? `<@${names.get(name.toLowerCase())}>` : whole));
  const attachments = state.files.map((file) => file.id);
  if (!content && !attachments.length) return false;
  const answered = state.replyTo;
  const answer = await act("message", { content, attachments, reply_to: answered?.id, ping: state.ping });
  if (!answer.error && content && here()?.home && !isForTheBot(content, answered)) sayUnread(text.trim());
  return report(answer);
}

/** Whether the bot gets a message's text in a channel: by a mention, or as an answer to what it wrote. */
function isForTheBot(content, answered) {
  const bots = [...state.people.values()].filter((person) => person.bot);
  return bots.some(({ id }) => content.includes(`<@${id}>`) || answered?.author.id === id);
}

function sayUnread(words) {
  const imagine = leaves().find((leaf) => leaf.name === "imagine");
  const short = words.length > MANY ? `${words.slice(0, MANY)}…` : words;
  const reading = newestPicture() ? "sandbox-unread-change" : "sandbox-unread"; // words below a picture are mostly about it
  if (imagine) say(t(reading, { example: `/${imagine.label} ${short}`, words: short }));
}

export function report(answer) {
  if (answer.error) say(answer.error, true);
  return !answer.error;
}

export async function runMenu(command, target) {
  await settle(act("menu", { name: command.name, target_id: target }), command.name);
}

/** A message that only this page knows, such as a command that was not answered. */
function localMessage(content, interaction) {
  const bot = [...state.people.values()].find((person) => person.bot);
  emit("create", { message: {
    id: `local${Date.now()}`, local: true, channel_id: state.channel, author: { id: bot.id, username: bot.name, bot: true },
    flags: EPHEMERAL, type: 20, content, timestamp: new Date().toISOString(), edited_timestamp: null, interaction,
    attachments: [], embeds: [], components: [], mentions: [], mention_everyone: false,
  } });
}
