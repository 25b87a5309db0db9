# How a request can end without a picture.
failed = { $who }: { $words }
    { $sentence }
failed-cancelled = Cancelled and refunded.
failed-unavailable = The engine stopped answering; this was refunded. Please try again in a few minutes.
failed-unloaded = Nothing can be drawn at the moment: the host's models cannot be loaded, and this was refunded. Whoever runs Limner reads why with `limner doctor`.
failed-memory = The picture does not fit into the host's graphics memory; this was refunded. Try a smaller shape or fewer pictures.
failed-blocked = The engine does not draw this; it was refunded. Try other words.
failed-key = The engine refuses the bot's key; this was refunded. The host needs to set the right ENGINE_API_KEY.
failed-busy = Too many requests are waiting; this was refunded. Please try again in a few minutes.
failed-refused = The engine cannot do this: { $detail } It was refunded.
failed-internal = Something broke while drawing; this was refunded. Please try again, and tell the host if it happens twice.
failed-late = Limner was stopped for too long to finish this; it was refunded. Please ask again.
failed-undeliverable = I may not write in { $where } any more, so the picture could not be posted there; it was refunded.
failed-unwell = Discord did not take the picture for a while, so this was refunded. Please ask again.
failed-large = The picture is too large for Discord's upload limit here; this was refunded. Try a smaller shape or fewer pictures.
failed-language = The language model does not read this language; this was refunded. It reads { $detail }.
failed-thing = The models here do not know what was asked for: { $detail }. Nothing was painted, and this was refunded. Ask once more to choose something near it, or to have it drawn anyway.
