"""Spanish."""
# ruff: noqa: E501 (a row for each thing reads better than a line for each word)

from typing import Final

from engine.starter.lexicon.language import Language, Noun, Setting

SPANISH: Final = Language(
    code="es",
    spaced=True,
    subjects={
        "house": (Noun("casa", "f"), Noun("casita", "f"), Noun("cabaña", "f")),
        "lighthouse": (Noun("faro", "m"),),
        "boat": (Noun("barco", "m"), Noun("velero", "m"), Noun("barca", "f"), Noun("bote", "m")),
        "balloon": (Noun("globo aerostático", "m"), Noun("globo", "m")),
        "tree": (Noun("árbol", "m"), Noun("árbol grande", "m")),
        "castle": (Noun("castillo", "m"), Noun("palacio", "m")),
        "cat": (Noun("gato", "m"), Noun("gatito", "m"), Noun("gata", "f")),
        "campfire": (Noun("fogata", "f"), Noun("hoguera", "f"), Noun("fuego", "m")),
        "windmill": (Noun("molino", "m"), Noun("molino de viento", "m")),
        "snowman": (Noun("muñeco de nieve", "m"), Noun("hombre de nieve", "m")),
        "mushroom": (Noun("seta", "f"), Noun("hongo", "m"), Noun("champiñón", "m")),
        "rocket": (Noun("cohete", "m"), Noun("cohete espacial", "m")),
    },
    places={
        "beach": Setting(("playa", "mar", "costa", "orilla del mar"), ("en la playa", "junto al mar", "en la costa", "a la orilla del mar", "en el mar")),
        "lake": Setting(("lago", "laguna", "estanque"), ("junto al lago", "en el lago", "en un lago", "a la orilla del lago")),
        "forest": Setting(("bosque", "selva", "pinar"), ("en el bosque", "en un bosque", "entre los árboles")),
        "mountains": Setting(("montañas", "montaña", "cordillera"), ("en las montañas", "en la montaña", "frente a las montañas", "ante las montañas")),
        "desert": Setting(("desierto", "dunas"), ("en el desierto", "en un desierto", "entre las dunas")),
        "city": Setting(("ciudad", "pueblo", "calle"), ("en la ciudad", "en una ciudad", "en la calle")),
        "meadow": Setting(("pradera", "prado", "campo", "campo de flores"), ("en la pradera", "en el prado", "en el campo", "en un prado", "entre las flores")),
        "snow": Setting(("nieve", "campo nevado", "invierno", "paisaje nevado"), ("en la nieve", "en invierno", "en un campo nevado", "sobre la nieve")),
    },
    times={
        "dawn": Setting(("amanecer", "alba", "mañana"), ("al amanecer", "al alba", "por la mañana", "de madrugada")),
        "day": Setting(("día", "mediodía", "soleado", "día soleado"), ("de día", "a mediodía", "en un día soleado", "durante el día")),
        "sunset": Setting(("atardecer", "puesta de sol", "tarde", "puesta del sol"), ("al atardecer", "en la puesta de sol", "por la tarde", "durante la puesta de sol")),
        "dusk": Setting(("crepúsculo", "anochecer"), ("en el crepúsculo", "al anochecer")),
        "night": Setting(("noche", "medianoche"), ("de noche", "por la noche", "a medianoche", "en la noche", "bajo el cielo nocturno")),
    },
    skies={
        "sun": ("el sol", "sol", "un sol"), "moon": ("la luna", "luna", "luna llena", "una luna", "una luna llena"),
        "clouds": ("nubes", "unas nubes", "algunas nubes"), "stars": ("estrellas", "cielo estrellado", "muchas estrellas", "un cielo estrellado"),
        "clear": ("cielo despejado", "un cielo despejado", "cielo claro"), "storm": ("tormenta", "una tormenta", "relámpagos", "rayos", "lluvia"),
    },
    styles={
        "flat": ("ilustración plana", "plano", "dibujo plano"), "watercolor": ("acuarela", "a la acuarela"), "ink": ("tinta", "tinta china", "dibujo a tinta", "blanco y negro"),
        "pastel": ("pastel", "colores pastel", "dibujo al pastel"),
    },
    positions={
        "left": Setting(("izquierda", "lado izquierdo"), ("a la izquierda", "en el lado izquierdo")),
        "center": Setting(("centro", "medio"), ("en el centro", "en medio", "al centro")),
        "right": Setting(("derecha", "lado derecho"), ("a la derecha", "en el lado derecho")),
    },
    colors={
        "red": {"m": ("rojo",), "f": ("roja",), "": ("rojo",)}, "orange": {"": ("naranja",)}, "yellow": {"m": ("amarillo",), "f": ("amarilla",), "": ("amarillo",)},
        "green": {"": ("verde",)}, "blue": {"": ("azul",)}, "pink": {"": ("rosa",)}, "white": {"m": ("blanco",), "f": ("blanca",), "": ("blanco",)},
        "black": {"m": ("negro",), "f": ("negra",), "": ("negro",)},
    },
    articles={"m": ("un", "el"), "f": ("una", "la"), "": ("un",)},
    noun_phrase="{noun} {color}",
    cores={
        "np at when": ("{np} {at} {when}", "{n} {place} {time}", "{n}, {place}, {time}", "{when} {np} {at}", "{place} con {np} {when}", "{np} {when} {at}", "{n} {at} {time}"),
        "np at": ("{np} {at}", "{n} {place}", "{n} {at}", "{place} con {np}", "{place}, {n}"),
        "np when": ("{np} {when}", "{n} {time}", "{n}, {time}", "{n} {when}"),
        "at when": ("{place} {when}", "{place} {time}", "{time} {at}", "{place}, {time}", "la {place} {when}", "el {place} {when}", "{when} {at}"),
        "np": ("{np}", "{n}"), "at": ("{place}", "{at}", "la {place}", "el {place}"), "when": ("{time}", "un paisaje {when}", "{when}"),
        "": ("un paisaje", "una imagen", "algo bonito", "hola", "algo"),
    },
    conjunction=" y ",
    noun_position="{np} {position}",
    with_position=(", {position}", " {position}", ", {side}"),
    with_sky=(" con {sky}", ", {sky}", " y {sky}", " {sky}"),
    with_style=(", {style}", " en {style}", " estilo {style}", " {style}", " en estilo {style}"),
    without=(" sin {old}", ", sin {old}", ", nada de {old}"),
    before=(
        "", "", "", "dibuja ", "por favor dibuja ", "dibújame ", "pinta ", "quiero ", "una imagen de ", "haz ", "puedes dibujar ", "me gustaría ", "quiero ver ", "hola, dibuja ",
        "un dibujo de ", "¿puedes pintar ", "muéstrame ", "crea ", "genera ",
    ),
    after=("", "", "", "", " por favor", ", por favor", ", gracias", " gracias"),
    understood={
        "np at when": "{np} {at} {when}", "np at": "{np} {at}", "np when": "{np} {when}", "at when": "{place} {when}", "np": "{np}", "at": "{place}",
        "when": "un paisaje {when}", "": "un paisaje",
    },
    understood_sky=", con {sky}", understood_style=", en {style}", understood_position=", {position}", understood_without=", sin {old}",
    edits={
        "position": (
            "ponlo {position}", "mueve {old} {position}", "mejor {position}", "ahora {position}", "{old} {position}", "muévelo {position}",
            "que esté {position}", "colócalo {position}", "quiero {old} {position}", "pon {old} {position}", "desplaza {old} {position}", "lo quiero {position}",
        ),
        "time": (
            "que sea {when}", "ponlo {when}", "cámbialo a {time}", "mejor {when}", "ahora {when}", "hazlo {when}", "pero {when}", "que sea de {time}",
            "lo quiero {when}", "cambia la hora a {time}", "igual pero {when}", "pásalo a {time}", "que parezca {time}", "hazlo de {time}",
        ),
        "place": (
            "ponlo {at}", "llévalo a {place}", "cambia el fondo a {place}", "mejor {at}", "ahora {at}", "que esté {at}", "lo quiero {at}", "igual pero {at}",
            "cámbialo a {place}", "muévelo a {place}", "colócalo {at}", "con {place} de fondo",
        ),
        "sky": (
            "añade {sky}", "con {sky}", "pon {sky}", "agrega {sky}", "quiero {sky}", "que haya {sky}", "ponle {sky}", "ahora con {sky}", "dibuja {sky}",
            "incluye {sky}",
        ),
        "style": (
            "en {style}", "hazlo en {style}", "estilo {style}", "cámbialo a {style}", "que sea {style}", "píntalo en {style}", "conviértelo en {style}",
            "usa {style}", "mejor {style}", "lo quiero en {style}",
        ),
        "color": (
            "haz {old} {color}", "cambia el color a {color}", "mejor {color}", "que sea {color}", "pinta {old} de {color}", "en {color}", "quiero {old} {color}",
            "que {old} sea {color}", "ponlo {color}", "colorea {old} de {color}", "cambia {old} a {color}",
        ),
        "add": (
            "añade {np}", "agrega {np}", "pon {np}", "con {np}", "quiero {np} también", "y {np}", "también {np}", "que haya {np}", "ponle {np}",
            "dibuja {np} también", "incluye {np}", "ahora con {np}",
        ),
        "replace": (
            "cambia {old} por {np}", "{np} en vez de {old}", "{np} en lugar de {old}", "reemplaza {old} por {np}", "sustituye {old} por {np}",
            "quiero {np} en vez de {old}", "convierte {old} en {np}", "quita {old} y pon {np}", "no {old}, sino {np}", "pon {np} en lugar de {old}",
        ),
        "remove": (
            "quita {old}", "sin {old}", "elimina {old}", "borra {old}", "no quiero {old}", "haz desaparecer {old}", "que no haya {old}", "saca {old}",
            "nada de {old}", "suprime {old}",
        ),
    },
    join=(", ", " y ", ". "),
    ends=("", "", "", "", ".", "!", "?"),
    extra_words=(
        "el", "la", "los", "las", "un", "una", "unos", "unas", "de", "del", "al", "a", "en", "con", "sin", "y", "o", "por", "para", "sobre", "bajo", "entre", "junto", "frente", "ante", "delante", "detrás",
        "al lado", "que", "sea", "es", "está", "esté", "hay", "mi", "tu", "su", "me", "lo", "muy", "más", "bonito", "bonita", "hermoso", "hermosa", "pequeño", "pequeña", "grande", "por favor", "gracias",
        "hola", "imagen", "dibujo", "foto", "cuadro", "paisaje", "cielo", "fondo", "color", "estilo", "también", "ahora", "mejor", "pero", "uno", "dos", "orilla", "luz", "agua", "escena", "puedes", "quiero",
    ),
)  # fmt: skip
