// Keeps the newest message in view.

import { $ } from "./dom.js";

/** Keeps the newest message in view while the reader is at the end, and leaves them alone when they are not. */
export const follow = {
  atEnd: true,
  top: 0,
  now() { this.atEnd = true; $("scroller").scrollTop = $("scroller").scrollHeight; $("to-newest").hidden = true; },
  start() {
    const scroller = $("scroller");
    scroller.addEventListener("scroll", () => {
      const near = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 60;
      // Only a reader scrolls upwards; when the conversation grows, the end moves away without them.
      if (near || scroller.scrollTop < this.top) this.atEnd = near;
      this.top = scroller.scrollTop;
      if (near) $("to-newest").hidden = true;
    }, { passive: true });
    const watcher = new ResizeObserver(() => { if (this.atEnd) this.now(); });
    for (const element of [scroller, $("log"), $("welcome")]) watcher.observe(element);
  },
};
