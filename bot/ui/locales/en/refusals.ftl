# Refusals.
refused-limit = { $used } of { $limit } pictures used this { $per }; the next is free { $when }.
refused-limit-count = { $used } of { $limit } pictures used this { $per }, and you asked for { $asked }; that many are free { $when }.
refused-never = You asked for { $asked } pictures, and the limit is { $limit } each { $per }; ask for fewer.
refused-never-granted = You asked for { $asked } pictures; the limit is { $limit } each { $per }, and { $granted } granted ones are left. Ask for fewer.
refused-ceiling = { $used } of { $limit } pictures used this { $per }, which is the most that the host lets anyone have; the next is free { $when }.
refused-at-once = { $running } of { $allowed } requests of yours are on their way; ask again { $when }.
refused-empty = Say in a few words what to draw, such as: a boat on a lake at sunset.
refused-long = That is { $length } characters; please use at most { $most }.
refused-closing = Limner is being restarted; please ask again in a minute.
refused-cannot-load = Nothing can be drawn at the moment: the host's models cannot be loaded. Whoever runs Limner reads why with `limner doctor`.
refused-permissions = I cannot post a picture here: I lack { $permissions }. A moderator can grant that in the channel's settings.
refused-unknown = I have no record of this picture any more.
refused-not-mine = That message is not one of my pictures, so I cannot refine it; to draw from a picture on it, choose Start from this picture.
refused-not-yours = Only the one who asked for this picture, or a moderator, can do that.
refused-ended = This has ended already.
refused-cancel = The host's disk takes nothing at the moment, so I could not cancel this, and it goes on; press Cancel once more.
refused-not-your-list = This list is someone else's; ask for yours with /my pictures or /styles.
refused-store = The host's disk takes nothing more, so nothing was started or counted. Please tell the host, and try again later.
refused-erase = I could not erase all of it: the database is busy, or the host's disk takes nothing more. The rest goes when I start next; to have it go sooner, ask again later.
refused-internal = Something broke on my side; nothing was counted. Please try again.
refused-not-finished = This picture is not finished; wait until it is there, or ask anew.
refused-cannot-start = The loaded model cannot start from a picture; nothing was started or counted. Ask with words alone. The host sets LIMNER_MODEL to one that can, such as SDXL or FLUX.2-klein.
refused-cannot-enlarge = The loaded model cannot enlarge a picture by itself, so nothing was started or counted. Whoever runs Limner here can let it: LIMNER_UPSCALER names a network that does. Refine or Again make new ones.
refused-strength-alone = strength says how far to go from a picture: add one with image, or leave strength out.
refused-mask-alone = mask says which part of a picture is painted anew: add that picture with image, or leave mask out.
refused-mask-with-more = mask is for one picture; leave out image2 and image3, or the mask.
refused-cannot-mask = The loaded model cannot paint a part of a picture alone, so nothing was started or counted. The host sets LIMNER_MODEL to one that can, such as SDXL or FLUX.2-klein.
refused-no-room-to-zoom = This picture has that shape already, so nothing was started or counted; choose another way to zoom out.
refused-no-shape-to-zoom = The loaded model paints no picture of that shape, so nothing was started or counted; choose another way to zoom out.
refused-cells-none = No cell is chosen, so nothing was drawn or counted; press the numbers of the cells to paint anew first.
refused-cells-all = All cells are chosen, so nothing would stay; leave one out, or use Refine for the whole picture.
refused-unreadable = The picture that this one started from cannot be read any more, so it cannot be drawn again; nothing was counted. Start from another picture, or ask for a new one with /imagine.
refused-picture-gone = That picture is gone, so nothing can start from it; nothing was counted. Ask for a new one with /imagine.
refused-private-old = I can read a private picture for a quarter of an hour only, so nothing was started or counted. Save it and give it to `/imagine` as `image`, or press Again for a new one.
refused-no-picture = There is no picture on this message; choose one that has a PNG, JPEG or WebP attached.
refused-form-expired = I was restarted since you opened this form; please choose Start from this picture once more.
refused-undeliverable = Discord does not let me do that here; a moderator can check my permissions in this channel.
refused-style = There is no style { $style }; /styles lists those there are.
refused-lora = There is no LoRA { $names } here, so nothing was drawn or counted; there are: { $known }.
refused-loras-none = There is no LoRA { $names } here, nor any other, so nothing was drawn or counted.
refused-lora-typed = { $typed } is no LoRA's name with a weight from -{ $weight } to { $weight }, such as ink:0.8 (with commas between, { $most } at most); nothing was drawn or counted.
refused-model = The model { $model } is not loaded; there is { $known }, which `/imagine model:` takes.
refused-models-unready = Whether there is a model { $model } is not known yet, since the host's models are being loaded; nothing was changed, so try again in a minute.
refused-too-large = That would be larger than what can be made here ({ $largest } pixels a side), so nothing was started or counted.
refused-too-large-painted = The loaded model makes nothing larger than { $largest } pixels a side, so nothing was started or counted. Whoever runs Limner here can let it: LIMNER_UPSCALER names a network that enlarges further.

permission-view_channel = View Channel
permission-send_messages = Send Messages
permission-send_messages_in_threads = Send Messages in Threads
permission-attach_files = Attach Files
permission-connect = Connect
permission-read_message_history = Read Message History
refused-too-many-understandings = Your words come faster than I read them; ask again { $when }.
refused-too-many-cancelled = You cancelled several requests within a minute; ask again { $when }.
# In the language that was written, where it is one of these: whoever writes it may not read the server's.
refused-language = { $language ->
    [fr] Je ne lis pas le français ; rien n'a été dessiné ni compté. Écrivez dans une de ces langues : { $read }.
    [it] Non leggo l'italiano; non è stato disegnato né contato nulla. Scrivi in una di queste lingue: { $read }.
    [pt] Não leio português; nada foi desenhado nem contado. Escreva numa destas línguas: { $read }.
    [nl] Ik lees geen Nederlands; er is niets getekend of geteld. Schrijf in een van deze talen: { $read }.
    [pl] Nie czytam po polsku; nic nie narysowano ani nie policzono. Napisz w jednym z tych języków: { $read }.
    [sv] Jag läser inte svenska; inget har ritats eller räknats. Skriv på något av dessa språk: { $read }.
    [da] Jeg læser ikke dansk; intet er tegnet eller talt med. Skriv på et af disse sprog: { $read }.
    [nb] Jeg leser ikke norsk; ingenting er tegnet eller talt med. Skriv på et av disse språkene: { $read }.
    [fi] En lue suomea; mitään ei piirretty eikä laskettu. Kirjoita jollakin näistä kielistä: { $read }.
    [cs] Nečtu česky; nic se nenakreslilo ani nezapočítalo. Napište v jednom z těchto jazyků: { $read }.
    [hu] Magyarul nem olvasok; semmi sem készült el, és semmi sem számít. Írjon e nyelvek egyikén: { $read }.
    [ro] Nu citesc româna; nu s-a desenat și nu s-a socotit nimic. Scrieți într-una dintre aceste limbi: { $read }.
    [ca] No llegeixo el català; no s'ha dibuixat ni comptat res. Escriu en una d'aquestes llengües: { $read }.
    [tr] Türkçe okuyamıyorum; hiçbir şey çizilmedi ve sayılmadı. Şu dillerden birinde yazın: { $read }.
    [vi] Tôi không đọc được tiếng Việt; chưa có gì được vẽ hay bị tính. Hãy viết bằng một trong các ngôn ngữ này: { $read }.
    [id] Saya tidak membaca bahasa Indonesia; tidak ada yang digambar atau dihitung. Tulislah dalam salah satu bahasa ini: { $read }.
    [ru] Я не читаю по-русски; ничего не нарисовано и не засчитано. Напишите на одном из этих языков: { $read }.
    [uk] Я не читаю українською; нічого не намальовано й не зараховано. Напишіть однією з цих мов: { $read }.
    [ko] 한국어는 읽지 못합니다. 아무것도 그리거나 세지 않았습니다. 다음 언어 중 하나로 써 주세요: { $read }.
    [ar] لا أقرأ العربية؛ لم يُرسم شيء ولم يُحتسب شيء. اكتب بإحدى هذه اللغات: { $read }.
    [fa] من فارسی نمی‌خوانم؛ چیزی کشیده یا شمرده نشد. به یکی از این زبان‌ها بنویسید: { $read }.
    [he] אני לא קורא עברית; דבר לא צויר ולא נספר. כתבו באחת מהשפות האלה: { $read }.
    [th] ฉันอ่านภาษาไทยไม่ได้ จึงไม่ได้วาดและไม่ได้นับอะไร โปรดเขียนด้วยภาษาใดภาษาหนึ่งเหล่านี้: { $read }.
    [hi] मैं हिन्दी नहीं पढ़ता; कुछ भी बनाया या गिना नहीं गया। इनमें से किसी भाषा में लिखें: { $read }.
    [el] Δεν διαβάζω ελληνικά· δεν σχεδιάστηκε ούτε μετρήθηκε τίποτα. Γράψτε σε μία από αυτές τις γλώσσες: { $read }.
   *[other] The language model does not read this language; nothing was drawn or counted. Write in one of these: { $read }.
}
refused-reply-gone = The reply that asked for this was deleted, so nothing was drawn or counted; reply once more.
refused-no-such-picture = This set has { $count } pictures, so nothing was drawn or counted; say which of these you mean.
refused-photo-unseen = Discord does not show me the message that you replied to, so nothing was drawn or counted. For a photo on it, open its menu: Apps → Start from this picture; to draw from words, mention me in a message of its own.
refused-too-many-pictures = { $most ->
    [1] The loaded model starts from one picture alone, and you gave it more, so nothing was drawn or counted; leave the others out.
   *[other] The loaded model looks at { $most } pictures at most, the one that is changed among them, and you gave it more, so nothing was drawn or counted; leave some out.
}
refused-unchanged = You changed nothing in the form, so nothing was drawn or counted; say what should be different, or edit the prompt.
refused-agent-channel = Limner sees no channel of a server with this id, so nothing was drawn or counted; start limner mcp with the id of one that it is in.
refused-agent-member = The person that this agent acts for may not write in its channel, so nothing was drawn or counted; start limner mcp with another user or channel.
refused-agent-busy = Too many calls for this person are open, so nothing was drawn or counted; wait for one of them to end.
refused-agent-too-fast = Calls for this person come faster than one in three seconds, so nothing was drawn or counted; wait a little before the next.
