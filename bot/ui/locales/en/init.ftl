# limner init.
init-hello = Five questions; Enter takes what stands in brackets, Ctrl-C changes nothing.
init-empty = none
init-kept = the one that is set
init-token =
    1. The bot's token, from Bot → Reset Token in the Discord Developer Portal. It does not show while you paste it.
      None opens the sandbox, a little Discord on this machine.
init-model =
    2. The models: 1 for the small pair that comes along, which needs no GPU; 2 for SDXL, from 12 GB of GPU memory;
      3 for FLUX.2 klein, from 20 GB; or a folder or a name on the Hugging Face hub.
init-limits = 3. How many pictures each person may have, such as 20/hour,100/day.
init-locale = 4. The language of texts outside Discord: en-US or zh-CN.
init-data =
    5. After how many days the words of old requests are deleted; 0 keeps them. With “sealed” behind the number, as in 30 sealed,
      they are encrypted in the database with a key that is made now; there is no way back from that.
init-data-wrong = { $value } is not understood; write a number of days up to { $most }, or such a number and the word sealed.
init-replace = Change these settings in { $file }? All other lines stay.
init-unchanged = { $file } is as it was.
init-done = Wrote { $file }, which only you can read.
init-data-key = { $file } holds the new data key: keep a copy somewhere safe, since without it the database cannot be opened.
init-invite = Add the bot to a server: { $link }
init-next = Now run limner doctor, which looks at everything, and limner run.
init-ended = The answers ended before the last question, so nothing was written; run limner init in a terminal, or copy .env.example to .env and edit it.
init-unwritable = { $file } cannot be read or written ({ $why }), and nothing was changed; check who owns it and this directory.
