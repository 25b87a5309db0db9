// The line under the message box.

import { $ } from "./dom.js";
import { state } from "./state.js";

let said = null;

export const lastSaid = () => said;

export const forget = () => { said = null; };

/** Put a sentence under the message box until the text changes. */
export function say(text, wrong = false) {
  said = { text, wrong };
  hint(null);
}

export function hint(command) {
  const element = $("hint");
  element.classList.toggle("wrong", Boolean(said?.wrong));
  if (said) element.textContent = said.text;
  else if (command?.current) element.textContent = `${command.current.option.name}: ${command.current.option.description}`;
  else if (command?.leaf) {
    const more = command.leaf.options.filter((option) => !command.values.has(option.name)).map((option) => option.name);
    element.textContent = more.length ? `${command.leaf.description} · more options: ${more.join(", ")}` : command.leaf.description;
  } else element.textContent = state.typing.has(state.channel) ? "Limner is typing…" : "";
}
