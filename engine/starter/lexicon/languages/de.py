"""German. Articles and colours have two forms each, nominative and accusative, which are picked together."""
# ruff: noqa: E501 (a row for each thing reads better than a line for each word)

from typing import Final

from engine.starter.lexicon.language import Language, Noun, Setting

GERMAN: Final = Language(
    code="de",
    spaced=True,
    subjects={
        "house": (Noun("Haus", "n"), Noun("Häuschen", "n"), Noun("Hütte", "f")),
        "lighthouse": (Noun("Leuchtturm", "m"),),
        "boat": (Noun("Boot", "n"), Noun("Segelboot", "n"), Noun("Schiff", "n")),
        "balloon": (Noun("Heißluftballon", "m"), Noun("Ballon", "m")),
        "tree": (Noun("Baum", "m"),),
        "castle": (Noun("Schloss", "n"), Noun("Burg", "f")),
        "cat": (Noun("Katze", "f"), Noun("Kätzchen", "n"), Noun("Kater", "m")),
        "campfire": (Noun("Lagerfeuer", "n"), Noun("Feuer", "n")),
        "windmill": (Noun("Windmühle", "f"), Noun("Mühle", "f")),
        "snowman": (Noun("Schneemann", "m"),),
        "mushroom": (Noun("Pilz", "m"), Noun("Fliegenpilz", "m")),
        "rocket": (Noun("Rakete", "f"), Noun("Weltraumrakete", "f")),
    },
    places={
        "beach": Setting(("Strand", "Meer", "Küste", "Ufer"), ("am Strand", "am Meer", "an der Küste", "auf dem Meer")),
        "lake": Setting(("See", "Seeufer", "Teich"), ("am See", "an einem See", "auf dem See", "auf einem See")),
        "forest": Setting(("Wald", "Kiefernwald"), ("im Wald", "in einem Wald", "zwischen Bäumen")),
        "mountains": Setting(("Berge", "Gebirge", "Berg", "Alpen"), ("in den Bergen", "vor den Bergen", "im Gebirge", "vor einem Berg")),
        "desert": Setting(("Wüste", "Dünen"), ("in der Wüste", "in einer Wüste", "in den Dünen")),
        "city": Setting(("Stadt", "Straße", "Großstadt"), ("in der Stadt", "in einer Stadt", "auf der Straße")),
        "meadow": Setting(("Wiese", "Feld", "Blumenwiese", "Weide"), ("auf der Wiese", "auf einer Wiese", "auf dem Feld", "im Gras")),
        "snow": Setting(("Schnee", "Winter", "Schneelandschaft"), ("im Schnee", "im Winter", "in einer Schneelandschaft")),
    },
    times={
        "dawn": Setting(("Sonnenaufgang", "Morgen", "Morgendämmerung"), ("bei Sonnenaufgang", "am Morgen", "am frühen Morgen", "in der Morgendämmerung")),
        "day": Setting(("Tag", "Mittag", "sonnig", "sonniger Tag"), ("am Tag", "tagsüber", "am Mittag", "an einem sonnigen Tag", "bei Tag")),
        "sunset": Setting(("Sonnenuntergang", "Abend", "Abendrot"), ("bei Sonnenuntergang", "am Abend", "im Abendlicht", "im Abendrot")),
        "dusk": Setting(("Abenddämmerung", "Dämmerung"), ("in der Abenddämmerung", "in der Dämmerung")),
        "night": Setting(("Nacht", "Mitternacht"), ("bei Nacht", "in der Nacht", "nachts", "um Mitternacht")),
    },
    skies={
        "sun": ("Sonne", "der Sonne", "die Sonne"), "moon": ("Mond", "dem Mond", "Vollmond", "einem Mond"), "clouds": ("Wolken", "einigen Wolken"), "stars": ("Sternen", "Sterne", "Sternenhimmel", "vielen Sternen"),
        "clear": ("klarem Himmel", "klarer Himmel", "wolkenlosem Himmel"), "storm": ("Gewitter", "einem Gewitter", "Sturm", "Blitz", "Regen"),
    },
    styles={
        "flat": ("flache Illustration", "flach"), "watercolor": ("Aquarell", "Wasserfarben"), "ink": ("Tusche", "Tuschezeichnung", "Tinte", "Schwarz-Weiß"),
        "pastel": ("Pastell", "Pastellzeichnung", "Pastellfarben"),
    },
    positions={
        "left": Setting(("links", "linke Seite"), ("links", "auf der linken Seite", "auf die linke Seite")),
        "center": Setting(("Mitte",), ("in der Mitte", "in die Mitte", "mittig")),
        "right": Setting(("rechts", "rechte Seite"), ("rechts", "auf der rechten Seite", "auf die rechte Seite")),
    },
    colors={
        "red": {"m": ("roter", "roten"), "f": ("rote", "rote"), "n": ("rotes", "rotes"), "": ("rot",)},
        "orange": {"m": ("oranger", "orangen"), "f": ("orange", "orange"), "n": ("oranges", "oranges"), "": ("orange",)},
        "yellow": {"m": ("gelber", "gelben"), "f": ("gelbe", "gelbe"), "n": ("gelbes", "gelbes"), "": ("gelb",)},
        "green": {"m": ("grüner", "grünen"), "f": ("grüne", "grüne"), "n": ("grünes", "grünes"), "": ("grün",)},
        "blue": {"m": ("blauer", "blauen"), "f": ("blaue", "blaue"), "n": ("blaues", "blaues"), "": ("blau",)},
        "pink": {"": ("rosa",)},
        "white": {"m": ("weißer", "weißen"), "f": ("weiße", "weiße"), "n": ("weißes", "weißes"), "": ("weiß",)},
        "black": {"m": ("schwarzer", "schwarzen"), "f": ("schwarze", "schwarze"), "n": ("schwarzes", "schwarzes"), "": ("schwarz",)},
    },
    articles={"m": ("ein", "einen"), "f": ("eine", "eine"), "n": ("ein", "ein"), "": ("ein",)},
    noun_phrase="{color} {noun}",
    cores={
        "np at when": ("{np} {at} {when}", "{n} {place} {time}", "{n}, {place}, {time}", "{when} {np} {at}", "{np} {when} {at}", "{n} {at} {time}"),
        "np at": ("{np} {at}", "{n} {place}", "{n} {at}", "{place} mit {n}", "{place}, {n}"),
        "np when": ("{np} {when}", "{n} {time}", "{n}, {time}", "{n} {when}"),
        "at when": ("{place} {when}", "{place} {time}", "{time} {at}", "{place}, {time}", "{when} {at}", "der {place} {when}", "die {place} {when}"),
        "np": ("{np}", "{n}"), "at": ("{place}", "{at}", "der {place}", "die {place}"), "when": ("{time}", "eine Landschaft {when}", "{when}"),
        "": ("eine Landschaft", "ein Bild", "etwas Schönes", "hallo", "etwas"),
    },
    conjunction=" und ",
    noun_position="{np} {position}",
    with_position=(", {position}", " {position}"),
    with_sky=(" mit {sky}", ", {sky}", " und {sky}", " {sky}"),
    with_style=(", {style}", " als {style}", " {style}", " im Stil {style}", " in {style}"),
    without=(" ohne {old}", ", ohne {old}", ", kein {old}", ", keine {old}"),
    before=(
        "", "", "", "zeichne ", "bitte zeichne ", "male ", "mal mir ", "ein Bild von ", "ich möchte ", "zeig mir ", "kannst du ", "bitte male ", "zeichne mir ", "ich hätte gern ", "erstelle ", "hallo, zeichne ",
        "ich will ", "mach ", "male mir bitte ", "könntest du bitte ",
    ),
    after=("", "", "", "", " bitte", ", bitte", ", danke", " zeichnen", " malen"),
    understood={
        "np at when": "{np} {at} {when}", "np at": "{np} {at}", "np when": "{np} {when}", "at when": "{place} {when}", "np": "{np}", "at": "{place}",
        "when": "eine Landschaft {when}", "": "eine Landschaft",
    },
    understood_sky=", mit {sky}", understood_style=", als {style}", understood_position=", {position}", understood_without=", ohne {old}",
    edits={
        "position": (
            "setz es {position}", "lieber {position}", "jetzt {position}", "{old} {position}", "{position} bitte", "schieb {old} {position}",
            "{old} soll {position} sein", "ich möchte {old} {position}", "rück {old} {position}", "stell {old} {position}", "verschieb {old} {position}",
            "bring es {position}",
        ),
        "time": (
            "mach es {when}", "lieber {when}", "jetzt {when}", "ändere es zu {time}", "aber {when}", "{when} bitte", "{time} statt dessen", "mach {time} daraus",
            "ich möchte es {when}", "stell es auf {time}", "es soll {when} sein", "das Gleiche {when}", "verwandle es in {time}", "mal es {when}",
        ),
        "place": (
            "lieber {at}", "setz es {at}", "ändere den Hintergrund zu {place}", "jetzt {at}", "aber {at}", "{at} bitte", "ich möchte es {at}",
            "das Gleiche {at}", "es soll {at} sein", "nimm {place} als Hintergrund", "wechsle zu {place}", "mal es {at}",
        ),
        "sky": (
            "füge {sky} hinzu", "mit {sky}", "ich möchte {sky}", "dazu {sky}", "noch {sky}", "es soll {sky} geben", "mal {sky} dazu", "jetzt mit {sky}",
            "am Himmel {sky}", "bitte {sky}",
        ),
        "style": (
            "als {style}", "in {style}", "mach es als {style}", "im Stil {style}", "lieber {style}", "mal es in {style}", "nimm {style}", "wechsle zu {style}",
            "jetzt als {style}", "verwandle es in {style}",
        ),
        "color": (
            "mach es {color}", "lieber {color}", "in {color}", "ändere die Farbe zu {color}", "{old} soll {color} sein", "färbe {old} {color}",
            "ich möchte {old} in {color}", "mach {old} {color}", "mal {old} {color}", "jetzt {color}", "{old} in {color}",
        ),
        "add": (
            "füge {np} hinzu", "dazu {np}", "und {np}", "mit {n}", "noch {np}", "ich möchte auch {np}", "mal {np} dazu", "es soll {np} geben", "jetzt mit {n}",
            "setz {np} dazu", "auch {np}",
        ),
        "replace": (
            "ersetze {old} durch {np}", "{np} statt {old}", "statt {old} {np}", "tausche {old} gegen {np}", "mach aus {old} {np}", "ich möchte {np} statt {old}",
            "lieber {np} als {old}", "nicht {old}, sondern {np}", "wechsle {old} gegen {np}", "{np} anstelle von {old}",
        ),
        "remove": (
            "entferne {old}", "ohne {old}", "kein {old}", "lösche {old}", "nimm {old} weg", "keine {old}", "streich {old}", "lass {old} weg", "{old} soll weg",
            "mach {old} weg", "bitte ohne {old}",
        ),
    },
    join=(", ", " und ", ". "),
    ends=("", "", "", "", ".", "!", "?"),
    extra_words=(
        "der", "die", "das", "den", "dem", "des", "ein", "eine", "einen", "einem", "einer", "eines", "kein", "keine", "keinen", "und", "oder", "mit", "ohne", "in", "im", "an", "am", "auf", "bei", "vor", "hinter",
        "neben", "über", "unter", "zwischen", "von", "vom", "zu", "zum", "zur", "für", "aus", "als", "ist", "sind", "soll", "sein", "es", "da", "dort", "hier", "sehr", "schön", "schöne", "schönes", "klein", "kleine",
        "kleines", "kleiner", "groß", "große", "großes", "großer", "mir", "mich", "ich", "du", "wir", "bitte", "danke", "hallo", "bild", "foto", "zeichnung", "gemälde", "landschaft", "himmel", "hintergrund", "farbe",
        "auch", "noch", "jetzt", "lieber", "aber", "zwei", "eins", "licht", "wasser", "szene", "kannst", "könntest", "möchte", "hätte", "gern", "gerne",
    ),
)  # fmt: skip
