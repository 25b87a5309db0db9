// Few stops of the Tab key: a group of controls is one stop, and arrows go from one to the next within it.

const FOCUSABLE = "a[href], button:enabled, select:enabled";
const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

/** Make the group's controls one stop: the one that has or had the focus, else the chosen one, a message's button, the first. */
export function rove(group, keys = ["ArrowRight", "ArrowLeft", "ArrowDown", "ArrowUp"]) {
  const items = [...group.querySelectorAll(FOCUSABLE)];
  const stop = items.find((item) => item === document.activeElement) ?? items.find((item) => item.dataset.stop)
    ?? items.find((item) => item.matches("[aria-current], .slot-rows *")) ?? items[0];
  for (const item of items) mark(item, item === stop);
  if (group.dataset.roving) return;
  group.dataset.roving = "yes";
  group.addEventListener("keydown", (event) => {
    if (!keys.includes(event.key) || event.target.matches("select")) return; // arrows choose in a select
    const all = [...group.querySelectorAll(FOCUSABLE)].filter((item) => item.checkVisibility());
    const at = all.indexOf(event.target);
    if (at < 0) return;
    event.preventDefault();
    all.at((at + STEPS[event.key]) % all.length).focus();
  });
  group.addEventListener("focusin", (event) => {
    if (!event.target.matches(FOCUSABLE)) return;
    for (const item of group.querySelectorAll(FOCUSABLE)) mark(item, item === event.target);
  });
}

function mark(item, stop) {
  item.tabIndex = stop ? 0 : -1;
  if (stop) item.dataset.stop = "yes"; else delete item.dataset.stop;
}

/** The conversation: one message is a stop, and its controls are the next; arrows up and down go through the messages. */
export function roveMessages(log) {
  let current = null;
  const settle = () => {
    if (!current?.isConnected) current = log.lastElementChild;
    for (const article of log.children) {
      article.tabIndex = article === current ? 0 : -1;
      if (article === current) rove(article, ["ArrowRight", "ArrowLeft"]);
      else for (const item of article.querySelectorAll(FOCUSABLE)) mark(item, false);
    }
  };
  let newest = null;
  new MutationObserver(() => {
    // A new message takes the place of the one before it, unless someone reads an older one.
    if (log.lastElementChild !== newest && (current === newest || !current) && !log.contains(document.activeElement)) current = log.lastElementChild;
    newest = log.lastElementChild;
    settle();
  }).observe(log, { childList: true, subtree: true });
  log.addEventListener("focusin", (event) => {
    const article = event.target.closest("article");
    if (article && article !== current) { current = article; settle(); }
  });
  log.addEventListener("keydown", (event) => {
    if (!event.target.matches("article") || !["ArrowUp", "ArrowDown", "Home", "End"].includes(event.key)) return;
    const all = [...log.children], at = all.indexOf(event.target);
    const next = { ArrowUp: all[at - 1], ArrowDown: all[at + 1], Home: all[0], End: all.at(-1) }[event.key];
    if (!next) return;
    event.preventDefault();
    next.focus();
  });
}
