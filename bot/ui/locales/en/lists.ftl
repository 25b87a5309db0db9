# /my pictures and /styles.
pictures-title = Your pictures: { $total }, newest first; page { $page } of { $pages }
pictures-none = You have no pictures yet. `/imagine` draws one from a few words.
pictures-private = only you see it
pictures-link = Go to the picture
page-pictures-back = ◀ Newer
page-pictures-on = Older ▶
styles-title = Styles
styles-none = The host has none.
styles-line = **{ $name }**: { $description }
styles-how = Name one as `style` of `/imagine`, or in a reply to a picture: `as watercolor`. `/my settings style:` makes one your usual style.
page-styles-back = ◀ Back
page-styles-on = On ▶
