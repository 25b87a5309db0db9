# /moderation, its log, and what it keeps people from.
moderation-reason = {" "}Reason: { $reason }
moderation-for-good = for good
moderation-lifted = when `/moderation unblock` lifts it
blocked = { $user } may not draw here; that ends { $until }.{ $stopped ->
    [0] {""}
    [one] {" "}One request of theirs was stopped and refunded.
   *[other] {" "}{ $stopped } requests of theirs were stopped and refunded.
  }{ $why }
unblocked = { $user } may draw again.
word-added = Blocked: ||{ $word }||. It is found in any case, with look-alike letters or signs between them, as a whole word.
word-removed = ||{ $word }|| is not blocked any more.
words-title = Blocked words: { $total }
words-none = No word is blocked. `/moderation words add` blocks one.
channels-only = Pictures can be drawn in { $channels } alone.
channels-but = Pictures can be drawn everywhere but in { $channels }.
channels-all = Pictures can be drawn in every channel.
log-mirrored = What moderators do is shown in { $channel } too from now on.
log-unmirrored = The log is shown in no channel any more. Name a channel to show it there.
paused = Nobody can draw in this server until `/moderation resume`; what is on its way goes on.{ $why }
resumed = Everyone can draw again.
log-title = What moderators did: { $total }, newest first; page { $page } of { $pages }
log-none = Nothing yet.
log-line = { $when } · { $who } · { $what }
log-block = blocked
log-unblock = unblocked
log-word-add = blocked a word
log-word-remove = unblocked a word
log-channel-allow = allowed
log-channel-deny = denied
log-log-channel = set the log's channel
log-pause = paused drawing
log-resume = resumed drawing
log-limit-set = set the limit of
log-limit-reset = took away the limits of
log-limit-grant = granted pictures to
log-granted = { $images } granted pictures
log-nothing = nothing
log-value-allowed = allowed
log-value-denied = denied
log-value-paused = paused
page-log-back = ◀ Newer
page-log-on = Older ▶
page-words-back = ◀ Back
page-words-on = On ▶
barred-block = A moderator has blocked you from drawing here; that ends { $when }.{ $why }
barred-for-good = A moderator has blocked you from drawing here; ask them to lift it.{ $why }
barred-paused = A moderator has paused drawing in this server; try again later.{ $why }
barred-channel = Pictures cannot be drawn in this channel; try another one.
barred-channel-open = Pictures cannot be drawn in this channel; go to { $channels }.
barred-word = Your request holds a word that is blocked in this server; put it in other words.
failed-words = What your words were understood as holds a word that is blocked in this server; this was refunded. Put it in other words.
refused-word-unfit = That cannot be blocked; give a word of two to { $most } letters or digits.
refused-words-full = This server has { $most } blocked words already; remove one first.
refused-nothing-to-lift = There is no such thing to lift; `/moderation log` shows what was done.
refused-log-channel = I cannot write in that channel: I lack { $permissions }. Grant that there, or choose another.
