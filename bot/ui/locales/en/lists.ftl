# /my pictures and /styles.
pictures-title = Your pictures: { $total }, newest first; page { $page } of { $pages }
pictures-none = You have no pictures yet. `/imagine` draws one from a few words.
pictures-private = only you see it
pictures-link = Go to the picture
pictures-found = Your pictures with “{ $words }”: { $total }, newest first; page { $page } of { $pages }
pictures-none-found = None of your pictures has “{ $words }” in what was asked for or in its prompt.
pictures-searched = Searched were your newest { $most }.
pictures-refine = Refine { $number }
pictures-delete = Delete { $number }
pictures-sure = Really delete { $number }?
pictures-of = of { $who }
favourites-title = ★ Your favourites: { $total }, those kept last first; page { $page } of { $pages }
favourites-found = ★ Your favourites with “{ $words }”: { $total }, those kept last first; page { $page } of { $pages }
favourites-none = There are no favourites of yours here yet; ★ under a picture keeps it.
favourites-none-found = None of your favourites has “{ $words }” in what was asked for or in its prompt.
favourites-hidden = { $count ->
    [1] One more is another member's, in a server or channel that you cannot see from here.
   *[other] { $count } more are other members', in servers or channels that you cannot see from here.
}
favourites-only = ★ Favourites
favourites-all = All my pictures
page-favourites-back = ◀ Newer
page-favourites-on = Older ▶
page-pictures-back = ◀ Newer
page-pictures-on = Older ▶
styles-title = Styles
styles-none = The host has none.
styles-line = **{ $name }**: { $description }
styles-how = Name one as `style` of `/imagine`, or in a reply to a picture: `as watercolor`. `/my settings style:` makes one your usual style.
page-styles-back = ◀ Back
page-styles-on = On ▶
style-known = { $style } (known here)
style-unknown = { $style } (not known here)
style-doubt = The models here do not know the style { $style }; they know { $styles }. Nothing was started or counted. Choose one of these, or draw it anyway: then the style may not show.
style-doubt-none = The models here do not know the style { $style }, nor any other. Nothing was started or counted. Draw it anyway, or leave the style out.
style-doubt-usual = It is your usual style: `/my settings style:` changes it, or takes it away.
thing-doubt = The models here do not know “{ $thing }”. Nothing was started or counted. Draw one of these in its place, or draw it anyway: then it may not show.
things-doubt = The models here do not know { $things }. Nothing was started or counted. Draw one of these in place of “{ $thing }”, or draw it anyway: then they may not show.
things-doubt-none = The models here do not know { $things }. Nothing was started or counted. Draw it anyway: then they may not show; or ask for something else.
thing-doubt-name = “{ $thing }”
thing-doubt-none = The models here do not know “{ $thing }”. Nothing was started or counted. Draw it anyway: then it may not show; or ask for something else.
doubt-old = This was asked too long ago, or before a restart. Please ask once more; nothing was counted.
doubt-anyway = Draw it anyway
settings-style-unknown = The models here do not know your usual style, so it may not show; choose another with `/my settings style:`, or none.
