# What is wrong with a file of styles.
styles-unreadable = LIMNER_STYLES { $file } cannot be read ({ $why }); name a file that exists and is readable, or leave it empty.
styles-not-text = LIMNER_STYLES { $file } is not UTF-8 text; save it as UTF-8.
styles-long = LIMNER_STYLES { $file } is longer than { $most } characters; keep fewer styles in it.
styles-toml = LIMNER_STYLES { $file } is not TOML: { $why }; correct that place.
styles-key = LIMNER_STYLES { $file }: [{ $style }] is no key for a style; use at most 60 small letters a to z, digits and single hyphens, such as [my-style].
styles-outside = LIMNER_STYLES { $file }: { $field } stands outside a style; put a line with a key, such as [my-style], above it.
styles-field = LIMNER_STYLES { $file }: [{ $style }] has a field that is missing, unknown or of the wrong kind ({ $why }); it takes name, prompt, description, aliases, things, negative, shape and note.
styles-place = LIMNER_STYLES { $file }: the prompt of [{ $style }] holds { $place } { $found } times; it must hold it once, where the picture's own words go.
styles-shape = LIMNER_STYLES { $file }: the shape of [{ $style }] is { $value }; use one of { $choices }, or leave it out.
styles-name = LIMNER_STYLES { $file }: [{ $style }] has no name; write name = "My style", or name.en and further locales.
styles-words = LIMNER_STYLES { $file }: { $field } of [{ $style }] holds more than { $most } words; remove some.
styles-blank = LIMNER_STYLES { $file }: { $field } of [{ $style }] holds a blank word; remove it.
styles-text-long = LIMNER_STYLES { $file }: { $field } of [{ $style }] is longer than { $most } characters; shorten it.
styles-unprintable = LIMNER_STYLES { $file }: { $field } of [{ $style }] holds a character that cannot be shown; type it anew.
styles-twice = LIMNER_STYLES { $file }: “{ $word }” names both [{ $other }] and [{ $style }]; take it away from one of them.
