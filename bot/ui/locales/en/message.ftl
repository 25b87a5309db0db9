# The message in the channel.
words = { $who }: { $words }
queued = { $position ->
    [0] Next in line
    [one] Queued, { $position } before it
   *[other] Queued, { $position } before it
}
ready = { $what }, ready { $when }
asked-for = { $who } asked for: { $words } (only what the models know of it is drawn)
understood = { $who } · Understood as: { $understood }
as-written = { $who } · Drawn as written: { $words }
painting = Painting { $bar } { $percent } %
painting-starts = Painting …
starting = The models are being loaded; this picture comes next.
fetching = The model { $model } is being fetched: { $bar } { $percent } % of { $size }. This picture comes next.
waiting = The engine does not answer yet. If it is not back { $when }, this ends and is refunded.
resting = I am being restarted. This goes on by itself when I am back; should that take over an hour, it is refunded.
unknown = The small starter models cannot draw: { $words }. They can draw { $knows } For more, the host sets LIMNER_MODEL.
ping = { $who } your picture is ready.
alt-asked-for = Asked for: { $understood } (picture { $index } of { $count })
alt = { $understood } (picture { $index } of { $count })
not-understood = The language model gave no usable answer; your words were drawn as you wrote them.
not-understood-change = The language model gave no usable answer; your words were added to the description as you wrote them.
changed = Changed: { $words }
kind-vary = A variation
kind-upscale = { $scale ->
    [4] Four times
   *[other] Twice
} as large
kind-start = Drawn over another picture
kind-region = A part painted anew
kind-zoom = Zoomed out
styled = Style: { $style }
loras-absent = Painted without { $names }: the painter has no such LoRA.
notation-ignored = Limner does not know { $flags }; use the options of /imagine.
links-unread = Links are not read; use the option image, or “Start from this picture”.
of-picture = Of picture { $number }
greeting = Hello! Three things you can do here: **`/imagine a boat at sunset`**, or mention me with your words, and I draw it. **Reply** to one of my pictures, in any words, and I change it. **Attach a photo** to a mention and say what to make of it. `/help` has the rest.
kind-again = Again, with seed { $seed }
