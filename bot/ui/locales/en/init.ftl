# limner init.
init-hello = Five questions; Enter takes what stands in brackets, Ctrl-C changes nothing.
init-empty = none
init-kept = the one that is set
init-token =
    1. The bot's token, from Bot → Reset Token in the Discord Developer Portal. It does not show while you paste it.
      None opens the sandbox, a little Discord on this machine.
init-model =
    2. The models: 1 for the small pair that comes along, which needs no GPU; auto for what suits the GPU best; a number
      of those above; or a folder, or a name on the Hugging Face hub.
init-model-hosted = 2. The painter's name at the service that ENGINE_URL names.
init-offer = { "  " }{ $number }  { $model }: { $fits }.
init-take = { $offer } Take it?
init-model-none = { $value } is no model; write a number from 1 to { $most }, auto, a folder here, or a hub name such as owner/model.
init-model-folder = { $value } is no painter's folder: there is no model_index.json in it.
init-model-reads = { $value } is no painter but a single model, such as a language model; name a painter, and set LIMNER_PLANNER in .env.
init-model-unasked = The hub cannot be asked about { $name } now; limner doctor looks at it later.
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
init-ended = The answers ended before the last question, so nothing was written; run limner init in a terminal, or write the settings into .env yourself.
init-unwritable = { $file } cannot be read or written ({ $why }), and nothing was changed; check who owns it and this directory.
