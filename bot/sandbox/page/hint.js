// The line under the message box.

import { readAsWords } from "./commands.js";
import { $ } from "./dom.js";
import { state } from "./state.js";
import { t } from "./texts.js";

let said = null;

export const lastSaid = () => said;

export const forget = () => { said = null; };

/** Take away what was said: the member went on to something else than the text. */
export function unsay() {
  if (!said) return;
  forget();
  hint(null);
}

/** Put a sentence under the message box until the text changes, or a button or another speaker is chosen. */
export function say(text, wrong = false) {
  said = { text, wrong };
  hint(null);
}

export function hint(command) {
  const element = $("hint");
  element.classList.toggle("wrong", Boolean(said?.wrong));
  if (said) element.textContent = said.text;
  else if (command?.strange) element.textContent = readAsWords(command);
  else if (command?.current) element.textContent = `${command.current.option.label}: ${command.current.option.description}`;
  else if (command?.leaf) element.textContent = command.leaf.description;
  else element.textContent = state.typing.has(state.channel) ? t("sandbox-typing") : "";
}
