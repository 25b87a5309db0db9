# The asker alone sees these.
accepted = On its way: your { $count ->
    [one] picture appears
   *[other] { $count } pictures appear
} in this channel.
left = { $left } of { $limit } left this { $per }.
per-hour = hour
per-day = day
per-week = week

# The message in the channel.
words = { $who }: { $words }
queued = { $position ->
    [0] Next in line
    [one] Queued, { $position } before it
   *[other] Queued, { $position } before it
}
ready = { $what }, ready { $when }
understood = { $who } · Understood as: { $understood }
as-written = { $who } · Drawn as written: { $words }
painting = Painting { $bar } { $percent } %
painting-starts = Painting …
starting = The models are being loaded; this picture comes next.
waiting = The engine does not answer yet. If it is not back { $when }, this ends and is refunded.
unknown = The small starter models do not know: { $words }. They draw { $knows } For more, the host sets LIMNER_MODEL.
ping = { $who } your picture is ready.
alt = { $understood } (picture { $index } of { $count })

# How a request can end without a picture.
failed = { $who }: { $words }
    { $sentence }
failed-cancelled = Cancelled and refunded.
failed-unavailable = The engine stopped answering; this was refunded. Please try again in a few minutes.
failed-memory = The picture does not fit into the host's graphics memory; this was refunded. Try a smaller shape or fewer pictures.
failed-blocked = The engine does not draw this; it was refunded. Try other words.
failed-key = The engine refuses the bot's key; this was refunded. The host needs to set the right ENGINE_API_KEY.
failed-busy = Too many requests are waiting; this was refunded. Please try again in a few minutes.
failed-refused = The engine cannot do this: { $detail } It was refunded.
failed-internal = Something broke while drawing; this was refunded. Please try again, and tell the host if it happens twice.
failed-late = Limner was stopped for too long to finish this; it was refunded. Please ask again.

# Refusals.
refused-limit = { $used } of { $limit } pictures used this { $per }; the next is free { $when }.
refused-limit-count = { $used } of { $limit } pictures used this { $per }, and you asked for { $asked }; that many are free { $when }.
refused-never = You asked for { $asked } pictures, and the limit is { $limit } each { $per }; ask for fewer.
refused-at-once = { $running } of { $allowed } requests of yours are on their way; ask again { $when }.
refused-empty = Say in a few words what to draw, such as: a boat on a lake at sunset.
refused-long = That is { $length } characters; please use at most { $most }.
refused-closing = Limner is being restarted; please ask again in a minute.
refused-permissions = I cannot post a picture here: I lack { $permissions }. A moderator can grant that in the channel's settings.
refused-unknown = I have no record of this picture any more.
refused-not-yours = Only the one who asked for this picture, or a moderator, can do that.
refused-ended = This has ended already.
refused-store = The host's disk takes nothing more, so nothing was started or counted. Please tell the host, and try again later.
refused-internal = Something broke on my side; nothing was counted. Please try again.

permission-view_channel = View Channel
permission-send_messages = Send Messages
permission-send_messages_in_threads = Send Messages in Threads
permission-attach_files = Attach Files
permission-read_message_history = Read Message History

# Buttons.
button-again = Again
button-details = Details
button-delete = Delete
button-cancel = Cancel
deleted = Deleted.
cancelled = Cancelled; nothing was counted.

# Details.
details-title = Details
details-understood = Understood as
details-words = Words
details-prompt = Prompt
details-negative = Avoid
details-seed = Seed
details-steps = Steps
details-size = Size
details-model = Model
details-seconds = Time
details-seconds-value = { $seconds } s

# /my usage.
usage-title = What is left for you here
usage-line = { $left } of { $limit } pictures left this { $per }
usage-frees = { $line }; the next comes back { $when }
usage-none = There is no limit here.
usage-why = From the host's default; { $running } of { $allowed } requests of yours are on their way.

# /help.
help = **Limner draws what you describe**, with models on its host's own machine.
    `/imagine` takes a few words in any language, such as `夕阳下的海滩` or `a red boat on a lake at night`.
    Options: `shape`, `count` (1 to 4), `seed` (the same seed and words give the same picture), `exact` (do not expand my words).
    Under a picture: **Again** draws it anew, **Details** shows how it was made, **Delete** removes it.
    `/my usage` shows what is left for you.

# Commands.
command-imagine = Draw a picture from a few words, in any language
option-prompt = What to draw
option-shape = The picture's shape
option-count = How many pictures, 1 to 4
option-seed = The same seed and words give the same picture
option-exact = Do not expand my words
shape-square = square
shape-portrait = portrait
shape-landscape = landscape
shape-wide = wide
shape-tall = tall
command-help = How to use Limner
command-my = Your pictures and limits
command-my-usage = What is left for you, in which window, and why

# The command line.
cli-loading = Loading the models …
cli-queued = In line: { $position } before it
cli-painting = Painting { $step } of { $steps }
cli-understood = Understood as: { $understood }
cli-prompt = Prompt: { $prompt }
cli-saved = Saved { $file }
cli-out-is-directory = --out: { $out } is a directory; name a file in it, such as { $better }
cli-out-nowhere = --out: there is no directory { $directory }; create it first
cli-out-unwritable = --out: { $out } cannot be written; choose another place

# Settings, and what keeps Limner from starting.
settings-whole = { $name }: { $value } is not a whole number from { $low } to { $high }
settings-choice = { $name }: { $value } is not one of { $choices }
settings-limit = { $name }: { $value } is not understood; write a number and hour, day or week, such as 20/hour,100/day
settings-url = { $name }: { $value } is not understood; use unix:/path, http://host:port or https://host
start-sandbox = No DISCORD_TOKEN is set: open { $url } in a browser and type /imagine a boat at sunset
start-home-unwritable = LIMNER_HOME { $home } cannot be written ({ $why }); make it writable, or set another.
start-home-taken = Another limner run uses LIMNER_HOME { $home }; stop it first, or set another.
start-database = The database in LIMNER_HOME { $home } cannot be opened ({ $why }); check the free space and the file's permissions.
start-database-newer = The database has version { $found }, and this Limner knows versions up to { $newest }; run the newer Limner that wrote it, or restore a backup from before the upgrade.
start-port-taken = Port { $port } is taken; stop what uses it, or set LIMNER_SANDBOX_PORT to another.
start-token-refused = Discord refuses DISCORD_TOKEN; copy the bot's token anew from the Developer Portal into .env.
start-intents-refused = Discord refuses the bot's intents, though Limner needs none that are privileged; check the application in the Developer Portal.
start-discord-unreachable = Discord cannot be reached ({ $why }); check the network and start again.
start-engine-settings = The engine does not start with these settings; it says why above.
start-engine-absent = The engine does not answer at { $where }; start it, or leave ENGINE_URL empty for one of Limner's own.
start-engine-ended = The engine ended before it was ready; it says why above.
