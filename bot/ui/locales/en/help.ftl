# /help.
help = **Limner draws what you describe**, with models on its host's own machine.
    `/imagine` takes a few words in any language, such as `夕阳下的海滩` or `a red boat on a lake at night`.
    Options: `shape`, `count` (1 to 4), `seed` (the same seed and words give the same picture), `exact` (do not expand my words).
    Under a picture: **Again** draws it anew, **Details** shows how it was made, **Delete** removes it.
    `/my usage` shows what is left for you.
