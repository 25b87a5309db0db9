# /my settings.
settings-title = What /imagine takes where you do not say
settings-saved = Saved. What /imagine takes now where you do not say
settings-style = Style: { $style }
settings-shape = Shape: { $shape }
settings-private = Only you see your pictures: yes
settings-public = Only you see your pictures: no
settings-how = An option of `/imagine` goes before these. `/my settings style: none` or `shape: none` takes one away.
settings-photos-yes = Others may draw from your photos: yes
settings-photos-no = Others may draw from your photos: no
settings-photos-none = Others may draw from your photos: as each server has it (usually not)
