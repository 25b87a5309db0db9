# /my data.
export-file = Your data at Limner
export-part = Your data, file { $number }: data.json holds the words, pictures are beside it. docs/privacy.md in Limner's repository names the fields.
export-sent = I sent you { $parts ->
    [one] a file
   *[other] { $parts } files
 } by direct message: { $requests ->
    [one] one request
   *[other] { $requests } requests
 } and { $pictures ->
    [one] one picture
   *[other] { $pictures } pictures
 }.
export-here = Your direct messages are closed to me, so here { $parts ->
    [one] is the file
   *[other] are the { $parts } files
 }, for you alone: { $requests ->
    [one] one request
   *[other] { $requests } requests
 } and { $pictures ->
    [one] one picture
   *[other] { $pictures } pictures
 }. Save it now; this answer goes away.
export-nothing = I keep nothing about you that could be exported.
export-left-gone = Left out: { $count }, as the message is gone and I keep no finished pictures.
export-left-unreachable = Left out: { $count }, as I cannot read the message any more (only you see it, or I may not read there).
export-left-unreadable = Left out: { $count }, as I cannot read it any more: it was kept under another key, or is damaged.
export-left-large = Left out: { $count }, as the file is over Discord's upload limit.
export-left-many = Left out: { $count }, as an export ends after ten files; the newest pictures are in it, and data.json links to the others.
erase-ask = Erase all that I keep about you? Your requests, their words, what I made of them, pictures that you started from and your settings go, and I delete the messages with your pictures, and all that I wrote to you directly, exports too: save those first. What is on its way is stopped. This cannot be undone. The button works until you press it or dismiss this message, also after a restart.
erase-yes = Erase everything
erasing = Erasing…
erasing-messages = What I kept is erased. Deleting messages: { $done } of { $of }…
erased = Erased: { $requests ->
    [one] one request
   *[other] { $requests } requests
 } and all that belonged there, and { $messages ->
    [one] one message
   *[other] { $messages } messages
 } deleted.
erase-left-forbidden = { $count ->
    [one] One message stays
   *[other] { $count } messages stay
 }, as I may not delete there any more; a moderator can.
erase-left-private = { $count ->
    [one] One answer stays
   *[other] { $count } answers stay
 } that you alone see and I cannot reach any more; dismiss it yourself.
erase-left-unwell = { $count ->
    [one] One message stays
   *[other] { $count } messages stay
 }, as Discord did not answer; a moderator can delete it.
erase-counts = { $images ->
    [one] One picture counts
   *[other] { $images } pictures count
 } against limits for at most a week more, under a number that does not tell who you are.
erase-stays = What stays: your own messages on Discord, pictures that others made from yours (without your words in my files), what moderators decided about you, and their log, which nobody can change and which names you by your Discord id.
refused-purged = The words that this picture was made from have been deleted, so it can only be deleted too; /imagine draws a new one.
refused-busy-personal = I am still at your data; wait until that is done.
pictures-purged = (its words were deleted)
start-data-key-missing = The database in LIMNER_HOME { $home } is sealed; set LIMNER_DATA_KEY to the key that it was sealed with.
start-data-key-wrong = The database in LIMNER_HOME { $home } is sealed with another LIMNER_DATA_KEY; set the one that it was sealed with.
start-secret = The file { $file } is damaged; put a copy of yours in its place, or delete it, and then what people erased no longer counts against their limits.
settings-data-key = { $name }: this is no key of 32 bytes in base64; make one with: openssl rand -base64 32
