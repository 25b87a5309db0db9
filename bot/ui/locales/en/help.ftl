# /help: at most 2,000 characters.
help-what = **Limner draws what you describe, in any language.**
help-imagine = `/imagine` takes a few words, such as `夕阳下的海滩` or `a red boat on a lake at night`. Options: `image` and `strength` (start from a picture), `style`, `shape`, `count` (1 to 4), `negative` (what to leave out), `seed` (the same seed and words give the same picture), `steps`, `guidance`, `model`, `exact` (do not expand my words), `private` (only you see it).
help-talk = **Change a picture by talking.** Reply to it with the ping on: `night, add a boat`. What you do not mention stays. A reply to an older version branches from there.
help-buttons = **Under a picture:** **Refine** (say what changes, or edit the prompt; for private pictures too), **Again** (a new seed), **Vary** (a little or a lot), **Upscale** (larger), **Details** (how it was made), **Delete** (yours, or a moderator's to do). **Cancel** while it is on its way.
help-menus = **On any message:** right-click or hold it, *Apps*, then **Refine picture** (a picture of mine) or **Start from this picture** (anyone's image).
help-lists = `/styles` lists the styles. `/my settings` keeps your usual style and shape, and whether only you see your pictures. `/my pictures` shows what you have, with links. `/my usage` says what is left and why. `/my data export` and `/my data erase` hand over or erase what I keep about you. `/status` shows the queue and the models.
help-moderators = **Moderators:** `/limits set`, `/limits reset` and `/limits grant` say who may draw how much; `/limits show` and `/limits why` tell what counts. `/moderation` blocks people, words and channels, pauses, and keeps a log. `/stats` draws a chart of the last days.
help-refunds = What fails is refunded, and says so.
