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
refused-not-your-list = This list is someone else's; ask for yours with /my pictures or /styles.
refused-style = There is no style “{ $style }”; /styles lists those there are.
refused-store = The host's disk takes nothing more, so nothing was started or counted. Please tell the host, and try again later.
refused-internal = Something broke on my side; nothing was counted. Please try again.

permission-view_channel = View Channel
permission-send_messages = Send Messages
permission-send_messages_in_threads = Send Messages in Threads
permission-attach_files = Attach Files
permission-read_message_history = Read Message History
