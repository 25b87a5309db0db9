"""English."""
# ruff: noqa: E501 (a row for each thing reads better than a line for each word)

from typing import Final

from engine.starter.lexicon.language import Language, Noun, Setting

ENGLISH: Final = Language(
    code="en",
    spaced=True,
    subjects={
        "house": (Noun("house"), Noun("cottage"), Noun("little house"), Noun("cabin"), Noun("home"), Noun("houses", "many")),
        "lighthouse": (Noun("lighthouse"), Noun("light house"), Noun("lighthouse tower"), Noun("beacon")),
        "boat": (Noun("boat"), Noun("sailboat"), Noun("sailing boat"), Noun("ship"), Noun("yacht"), Noun("boats", "many")),
        "balloon": (Noun("hot air balloon"), Noun("balloon"), Noun("hot-air balloon"), Noun("air balloon"), Noun("balloons", "many")),
        "tree": (Noun("tree"), Noun("big tree"), Noun("lone tree"), Noun("trees", "many")),
        "castle": (Noun("castle"), Noun("stone castle"), Noun("fortress"), Noun("palace"), Noun("old castle")),
        "cat": (Noun("cat"), Noun("kitten"), Noun("kitty"), Noun("little cat"), Noun("cute cat"), Noun("cats", "many")),
        "campfire": (Noun("campfire"), Noun("bonfire"), Noun("camp fire"), Noun("fire"), Noun("campfires", "many")),
        "windmill": (Noun("windmill"), Noun("wind mill"), Noun("mill"), Noun("old windmill"), Noun("windmills", "many")),
        "snowman": (Noun("snowman"), Noun("snow man"), Noun("little snowman"), Noun("snowmen", "many")),
        "mushroom": (Noun("mushroom"), Noun("giant mushroom"), Noun("toadstool"), Noun("big mushroom"), Noun("mushrooms", "many")),
        "rocket": (Noun("rocket"), Noun("space rocket"), Noun("rocket ship"), Noun("rockets", "many")),
    },
    places={
        "beach": Setting(
            ("beach", "seaside", "seashore", "shore", "sea", "ocean", "coast", "sandy beach"),
            ("on the beach", "at the beach", "on a beach", "by the sea", "by the ocean", "at the seaside", "near the sea", "on the shore", "on the coast"),
        ),
        "lake": Setting(("lake", "lakeside", "pond", "lake shore"), ("by the lake", "at the lake", "by a lake", "on a lake", "near the lake", "on the lake")),
        "forest": Setting(("forest", "woods", "woodland", "pine forest"), ("in the forest", "in the woods", "in a forest", "inside a forest", "among the trees")),
        "mountains": Setting(
            ("mountains", "mountain", "peaks", "hills", "alps", "mountain range"),
            ("in the mountains", "in front of the mountains", "in front of a mountain", "near the mountains", "on a mountain", "in the hills"),
        ),
        "desert": Setting(("desert", "dunes", "sand dunes", "sahara"), ("in the desert", "in a desert", "among the dunes", "in the sand dunes")),
        "city": Setting(("city", "town", "skyline", "city street", "downtown", "skyscrapers"), ("in the city", "in a city", "in town", "in the street", "downtown")),
        "meadow": Setting(
            ("meadow", "field", "grassland", "prairie", "flower field", "green field"),
            ("in the meadow", "in a meadow", "on a meadow", "in a field", "in the grass", "among the flowers"),
        ),
        "snow": Setting(
            ("snow", "snowy field", "winter", "snow field", "winter landscape", "snowy landscape"),
            ("in the snow", "in a snowy field", "in winter", "on the snow", "in the winter"),
        ),
    },
    times={
        "dawn": Setting(("dawn", "sunrise", "morning", "early morning", "daybreak"), ("at dawn", "at sunrise", "in the morning", "in the early morning", "at daybreak")),
        "day": Setting(("day", "daytime", "sunny day", "daylight", "noon", "sunny"), ("by day", "during the day", "in daylight", "on a sunny day", "at noon", "in the daytime")),
        "sunset": Setting(
            ("sunset", "evening", "golden hour", "sundown", "setting sun"),
            ("at sunset", "in the evening", "at golden hour", "at sundown", "during sunset", "under the setting sun", "in the evening light"),
        ),
        "dusk": Setting(("dusk", "twilight", "nightfall", "blue hour"), ("at dusk", "at twilight", "at nightfall", "in the twilight")),
        "night": Setting(
            ("night", "nighttime", "midnight", "night time", "dark night"),
            ("at night", "during the night", "at midnight", "late at night", "in the dark", "in the night", "under the night sky"),
        ),
    },
    skies={
        "sun": ("the sun", "sun", "a bright sun", "sunshine"),
        "moon": ("the moon", "a moon", "moon", "a full moon", "full moon", "moonlight"),
        "clouds": ("clouds", "some clouds", "fluffy clouds", "a cloudy sky", "white clouds"),
        "stars": ("stars", "a starry sky", "starry sky", "many stars", "bright stars", "starlight"),
        "clear": ("a clear sky", "clear sky", "a cloudless sky", "an empty sky", "cloudless"),
        "storm": ("a storm", "storm", "a thunderstorm", "lightning", "thunder", "rain", "stormy sky"),
    },
    styles={
        "flat": ("flat", "flat illustration", "vector", "flat design"),
        "watercolor": ("watercolor", "watercolour", "watercolor painting", "aquarelle", "watercolors"),
        "ink": ("ink", "ink drawing", "ink wash", "sumi-e", "ink painting", "black and white"),
        "pastel": ("pastel", "soft pastel", "pastel drawing", "pastel colors", "chalk pastel", "pastels"),
    },
    positions={
        "left": Setting(("left", "left side"), ("on the left", "to the left", "on the left side", "at the left")),
        "center": Setting(("center", "middle", "centre"), ("in the center", "in the middle", "in the centre")),
        "right": Setting(("right", "right side"), ("on the right", "to the right", "on the right side", "at the right")),
    },
    colors={name: {"": (name,)} for name in ("red", "orange", "yellow", "green", "blue", "pink", "white", "black")},
    articles={"": ("a", "the", "one", "a"), "many": ("", "some", "")},
    noun_phrase="{color} {noun}",
    cores={
        "np at when": (
            "{np} {at} {when}", "{n} {place} {time}", "{n}, {place}, {time}", "{np} {at}, {time}", "{np} {when} {at}", "{time} {place} {n}",
            "{place} {when} with {np}", "{n} {at} {when}", "{when} {np} {at}", "{place} with {np} {when}", "{place} {time} {n}",
        ),
        "np at": ("{np} {at}", "{n} {place}", "{n}, {place}", "{n} {at}", "{place} with {np}", "{place} and {np}", "{place}, {n}", "{at} {np}"),
        "np when": ("{np} {when}", "{n} {time}", "{n}, {time}", "{n} {when}", "{time} {n}", "{np} at {time}", "{time}, {np}"),
        "at when": (
            "{place} {when}", "{place} at {time}", "{place} {time}", "{time} {place}", "{time} {at}", "a {place} {when}", "the {place} {when}",
            "{time} at the {place}", "{time} over the {place}", "{place}, {time}", "{when} {at}", "{time} on the {place}",
        ),
        "np": ("{np}", "{n}"),
        "at": ("{place}", "the {place}", "a {place}", "{at}"),
        "when": ("{time}", "a {time} scene", "{time} landscape", "{when}"),
        "": ("a picture", "a landscape", "something nice", "a scene", "hello", "hi", "something", "anything"),
    },
    conjunction=" and ",
    noun_position="{np} {position}",
    with_position=(", {position}", " {position}", ", {side}"),
    with_sky=(" with {sky}", ", {sky}", " and {sky}", " {sky}", " under {sky}", " with {sky} in the sky"),
    with_style=(", {style}", " in {style} style", " as {style}", " {style}", " in {style}", " {style} style", ", {style} please"),
    without=(" without {old}", ", no {old}", " but no {old}", " with no {old}", " without any {old}"),
    before=(
        "", "", "", "", "draw ", "please draw ", "draw me ", "paint ", "a picture of ", "can you draw ", "make ", "i want ", "show me ", "please draw me ",
        "i would like ", "could you paint ", "please paint ", "create ", "generate ", "make me ", "an image of ", "i'd like to see ", "give me ", "imagine ",
        "hi, draw ", "hello, can you please draw me ", "paint me a picture of ", "draw a picture of ",
    ),
    after=("", "", "", "", " please", ", please", " thanks", ", thank you", " for me", " pls"),
    understood={
        "np at when": "{np} {at} {when}", "np at": "{np} {at}", "np when": "{np} {when}", "at when": "{place} {when}", "np": "{np}", "at": "{place}",
        "when": "a landscape {when}", "": "a landscape",
    },
    understood_sky=", with {sky}",
    understood_style=", {style} style",
    understood_position=", {position}",
    understood_without=", without {old}",
    edits={
        "position": (
            "move it to the {side}", "move the {old} to the {side}", "put it {position}", "put the {old} {position}", "{position} instead", "{old} {position}",
            "now {position}", "{position} please", "place the {old} {position}", "to the {side}", "shift it to the {side}", "slide the {old} to the {side}",
            "let the {old} be {position}", "have the {old} {position}", "can you move the {old} to the {side}", "the {old} should be {position}",
            "i want the {old} {position}", "bring the {old} to the {side}", "more to the {side}", "set it {position}",
        ),
        "time": (
            "make it {time}", "change it to {time}", "{time} instead", "at {time}", "now {when}", "but {when}", "make it {when}", "{when} please",
            "turn it into {time}", "change the time to {time}", "same but {when}", "the same {when}", "set it {when}", "i want it {when}", "let it be {time}",
            "as if it were {time}", "show it {when}", "could it be {time}", "it should be {time}", "{time} now", "do it {when}", "can you make it {time}",
            "what about {time}", "how about {time}", "try {time}",
        ),
        "place": (
            "move it to the {place}", "change the place to {place}", "put it {at}", "{at} instead", "change the background to {place}", "make it the {place}",
            "now {at}", "same but {at}", "{place} instead", "take it to the {place}", "the same {at}", "let it be {at}", "now the {place}", "set it {at}",
            "i want it {at}", "use the {place} as background", "bring it to the {place}", "show it {at}", "replace the background with the {place}",
            "what about {at}", "do it {at}", "can you move it to the {place}",
        ),
        "sky": (
            "add {sky}", "with {sky}", "i want {sky}", "put {sky} in the sky", "and {sky}", "add {sky} in the sky", "now with {sky}", "give it {sky}",
            "there should be {sky}", "i'd like {sky}", "let there be {sky}", "can we have {sky}", "show {sky}", "make it with {sky}", "can you add {sky}",
            "{sky} please", "the sky should have {sky}", "draw {sky} above", "same but with {sky}", "include {sky}", "paint {sky} too",
        ),
        "style": (
            "make it {style}", "in {style} style", "as {style}", "turn it into {style}", "{style} style please", "change the style to {style}",
            "same but {style}", "redo it in {style}", "use {style}", "draw it in {style}", "paint it as {style}", "i want it in {style}", "switch to {style}",
            "convert it to {style}", "let it be {style}", "the same in {style}", "now in {style}", "render it in {style}", "can you make it {style}",
            "{style} instead", "try {style}",
        ),
        "color": (
            "make the {old} {color}", "make it {color}", "change the color to {color}", "paint the {old} {color}", "{color} instead", "a {color} {old}",
            "the {old} should be {color}", "turn the {old} {color}", "change the {old} to {color}", "recolor the {old} {color}", "the {old} in {color}",
            "give the {old} a {color} color", "color the {old} {color}", "i want the {old} {color}", "let the {old} be {color}", "{color} for the {old}",
            "make its color {color}", "can the {old} be {color}", "switch the {old} to {color}", "could you make the {old} {color}", "use {color} for the {old}",
        ),
        "add": (
            "add {np}", "with {np}", "put {np} there", "and {np}", "i want {np} too", "add {np} to it", "also {np}", "now with {np}", "can you add {np}",
            "there should be {np}", "i'd like {np} there", "include {np}", "place {np} there", "draw {np} too", "let there be {np}", "can you put {np} in",
            "give it {np}", "also draw {np}", "show {np} too", "and also {np}", "insert {np}", "could you add {np} as well",
        ),
        "replace": (
            "replace the {old} with {np}", "{np} instead of the {old}", "change the {old} to {np}", "make the {old} {np}", "turn the {old} into {np}",
            "swap the {old} for {np}", "{np} instead", "not a {old}, {np}", "switch the {old} for {np}", "exchange the {old} for {np}",
            "use {np} instead of the {old}", "i want {np} instead of the {old}", "have {np} in place of the {old}", "the {old} should be {np}",
            "let the {old} become {np}", "no {old}, but {np}", "put {np} where the {old} is", "rather {np} than the {old}", "substitute {np} for the {old}",
            "can you replace the {old} by {np}",
        ),
        "remove": (
            "remove the {old}", "without the {old}", "no {old}", "take away the {old}", "delete the {old}", "get rid of the {old}", "remove {old}",
            "take the {old} out", "i don't want the {old}", "drop the {old}", "erase the {old}", "leave out the {old}", "lose the {old}",
            "make the {old} disappear", "the {old} should be gone", "can you remove the {old}", "throw the {old} out", "cut the {old}", "hide the {old}",
            "there should be no {old}", "do without the {old}", "clear the {old} away", "please no {old}",
        ),
    },
    join=(", ", " and ", ", and ", ". ", ", then "),
    ends=("", "", "", "", ".", "!", "?"),
    extra_words=(
        "it's", "its", "it", "is", "are", "was", "be", "there", "this", "that", "these", "those", "of", "to", "from", "for", "my", "your", "our", "we", "you", "us",
        "very", "really", "so", "more", "nice", "beautiful", "pretty", "lovely", "simple", "small", "big", "large", "cute", "quiet", "calm", "cozy", "two", "three",
        "into", "onto", "above", "below", "behind", "beside", "next", "between", "around", "over", "under", "along", "through", "where", "which", "who", "does", "do",
        "not", "don't", "could", "would", "should", "will", "may", "might", "let", "let's", "just", "only", "also", "too", "again", "another", "same", "still", "keep",
        "image", "photo", "drawing", "painting", "illustration", "art", "artwork", "wallpaper", "landscape", "view", "background", "sky", "light", "water", "sand",
        "standing", "sitting", "floating", "flying", "sailing", "burning", "glowing", "shining", "thank", "thanks", "ok", "okay", "hey", "hi", "hello", "as",
    ),
)  # fmt: skip
