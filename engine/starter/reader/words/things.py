"""Things that people ask for, in five languages: a row is one thing, its spellings parted by commas.

The first column names the spellings that keep the thing in an English prompt, the usual one first. Groups are for edits:
a new place, time or style takes the old one's part. Chinese words here also win over the numbers and the "no" that they
begin with (三明治, 别墅). Longer than 300 lines, since it is a table.
"""
# ruff: noqa: E501 (a row for each thing reads better than a line for each word)

from __future__ import annotations

from functools import cache
from typing import Final, NamedTuple

from engine.starter.lexicon.tables import names, without_accents

PLACE, TIME, STYLE, SEASON = "place", "time", "style", "season"
QUALITY, OTHER = "quality", "other"

_ROWS: Final = {
    PLACE: (
        # en | zh | es | ja | de
        "beach | - | océano | - | ozean",
        "lake | - | - | - | -",
        "forest, wood | - | - | - | -",
        "mountains, hill, peak | - | sierra, colina | - | hügel",
        "desert, dune, sand | - | duna | - | düne",
        "city, street | - | - | - | -",
        "snow, snowy, snowflake | - | nevado | - | verschneit",
        "island | 岛, 小岛 | isla | 島 | insel",
        "river | 河, 小河, 河流 | río | 川 | fluss",
        "village | 村庄, 村子, 小村 | pueblo, aldea | 村 | dorf",
        "garden | 花园, 院子 | jardín | 庭 | garten",
        "space | 太空, 宇宙 | espacio | 宇宙 | weltraum, weltall",
    ),
    TIME: (
        "dawn | - | - | - | -",
        "day, bright day | - | - | 正午 | -",
        "sunset | - | ocaso | - | -",
        "dusk | - | - | - | -",
        "night | 夜色, 夜景, 夜空 | - | - | -",
    ),
    STYLE: (
        "pastel | - | - | - | -",
        "watercolor | - | - | - | -",
        "ink | - | - | - | -",
        "flat illustration | - | - | - | -",
        "oil painting | 油画 | óleo, pintura al óleo | 油絵 | ölgemälde",
        "sketch, pencil sketch | 素描, 铅笔画 | boceto | スケッチ | skizze, bleistiftzeichnung",
        "cartoon | 卡通 | caricatura | 漫画風 | cartoon",
        "ukiyo-e | 浮世绘 | ukiyo-e | 浮世絵 | ukiyo-e",
        "pixel art | 像素画, 像素风 | pixel art | ドット絵 | pixel-art",
        "anime | 动漫, 动画, 二次元 | anime | アニメ | anime",
        "cyberpunk | 赛博朋克 | ciberpunk | サイバーパンク | cyberpunk",
        "black and white, monochrome | 黑白 | blanco y negro | 白黒 | schwarz-weiß",
        "photo, photograph, realistic | 照片, 写实 | foto, fotografía | 写真 | foto, fotografie",
    ),
    SEASON: (
        "winter, wintry | 冬天, 冬季, 冬日 | invierno | 冬 | winter",
        "spring, springtime | 春天, 春日 | primavera | 春 | frühling",
        "summer | 夏天, 夏日, 盛夏 | verano | 夏 | sommer",
        "autumn, fall | 秋天, 秋日, 深秋 | otoño | 秋 | herbst",
    ),
    QUALITY: (
        "left | - | - | - | -",
        "right | - | - | - | -",
        "middle | - | - | - | -",
        "huge, giant, big, large, enormous, bigger, larger | 巨大, 很大很大, 很大, 大大的, 超大 | enorme, gigante, grande, gigantesco | 巨大な, 大きな, 大きい | riesig, riesiger, riesige, großer, große, großes, groß",
        "tiny, small, little, smaller | 很小很小, 很小, 小小的, 迷你 | pequeño, pequeña, diminuto | 小さな, 小さい | winzig, kleiner, kleine, kleines, klein",
        "old, ancient | 古老, 老旧, 破旧, 老 | viejo, vieja, antiguo, antigua | 古い | alt, alte, alter, altes",
        "sleeping, asleep | 睡觉, 睡着, 熟睡 | durmiendo, dormido, dormida | 眠っている, 眠る, 寝ている | schlafend, schläft",
        "dancing | 跳舞 | bailando | 踊る, 踊っている | tanzend, tanzt",
        "singing | 唱歌 | cantando | 歌う, 歌っている | singend, singt",
        "reading | 看书, 读书 | leyendo | 読書 | lesend, liest",
        "running | 跑步, 奔跑 | corriendo | 走っている | rennt, laufend",
        "swimming | 游泳 | nadando | 泳いでいる, 泳ぐ | schwimmt, schwimmend",
        "flying | 飞翔, 飞行 | volando | 飛んでいる, 飛ぶ | fliegt, fliegend",
        "smiling, smile | 微笑, 笑着 | sonriendo, sonriente | 笑顔, 微笑む | lächelnd, lächelt",
        "fighting | 打架, 战斗 | peleando, luchando | 戦う, 戦っている | kämpfend, kämpft",
        "playing | 玩耍 | jugando | 遊んでいる | spielend, spielt",
        "lonely, alone | 孤独, 孤单, 寂寞 | solitario, solitaria, solo | 孤独, 寂しい | einsam, einsame, einsamer",
        "quiet, calm, peaceful | 安静, 宁静, 平静 | tranquilo, tranquila | 静かな, 静か | ruhig, still",
        "busy, bustling, lively | 热闹, 繁华 | animado, concurrido | にぎやかな, 賑やかな | belebt, belebte",
        "warm | 温暖 | cálido, cálida | 暖かい, 温かい | warm, warme, warmes",
        "happy, cheerful | 开心, 快乐, 高兴 | feliz, alegre | 楽しい, 嬉しい | glücklich, fröhlich",
        "sad | 悲伤, 难过, 伤心 | triste | 悲しい | traurig, traurige",
        "scary, spooky | 恐怖, 可怕 | aterrador, espeluznante | 怖い, 恐ろしい | gruselig",
        "cute | 可爱 | lindo, linda, bonito | 可愛い, かわいい | süß, niedlich",
    ),
    OTHER: (
        "house | - | - | - | häuser",
        "lighthouse | - | - | - | -",
        "boat | 小舟 | - | 舟 | -",
        "hot air balloon | - | - | - | -",
        "tree | - | - | - | bäume",
        "castle | - | - | - | palast",
        "cat | - | - | - | -",
        "campfire | - | - | 火 | -",
        "sun, sunny, sunlight | - | - | - | sonnenschein",
        "moon, crescent moon | - | - | - | -",
        "clouds, cloud, cloudy | - | nube | - | wolke",
        "stars, star, starry | - | estrella | - | stern",
        "sky | 天空 | cielo | 空 | himmel",
        "people, person, human, man, woman, figure | 人们, 人物, 行人, 人类, 人 | gente, persona, personas, humano | 人々, 人物, 人間, 人 | menschen, mensch, personen, leute",
        "girl | 女孩, 少女, 小女孩 | niña, chica | 少女, 女の子 | mädchen",
        "boy | 男孩, 少年, 小男孩 | niño, chico | 少年, 男の子 | junge",
        "animals, animal | 动物 | animal, animales | 動物 | tier, tiere",
        "dog, puppy | 小狗, 狗狗, 狗 | perro, perrito, cachorro | 子犬, 犬, いぬ, イヌ | hund, hündchen, welpe",
        "bird, seagull, gull | 小鸟, 鸟儿, 鸟 | pájaro, ave, aves | 小鳥, 鳥 | vogel, vögel",
        "fish | 小鱼, 鱼 | pez, peces | 魚 | fisch",
        "horse | 马 | caballo | 馬 | pferd",
        "rabbit, bunny | 兔子, 小兔 | conejo | うさぎ, 兎 | hase, kaninchen",
        "bear | 熊, 小熊 | oso | 熊, くま | bär",
        "panda | 大熊猫, 熊猫 | panda | パンダ | panda",
        "fox | 狐狸 | zorro | 狐, きつね | fuchs",
        "dragon | 恶龙, 巨龙, 龙 | dragón | ドラゴン, 竜, 龍 | drache",
        "dinosaur | 恐龙 | dinosaurio | 恐竜 | dinosaurier",
        "robot | 机器人 | robot, robots | ロボット | roboter",
        "car, vehicle | 汽车, 车辆, 小车, 车 | coche, carro, auto | 自動車, 車 | auto, autos, fahrzeug",
        "bicycle, bike | 自行车, 单车 | bicicleta | 自転車 | fahrrad",
        "drone | 无人机 | dron | ドローン | drohne",
        "villa, mansion | 别墅 | villa, mansión | 別荘 | villa",
        "sandwich | 三明治 | sándwich, bocadillo | サンドイッチ | sandwich",
        "coffee | 咖啡 | café | コーヒー | kaffee",
        "lily | 百合花, 百合 | lirio | 百合 | lilie",
        "halloween | 万圣节 | halloween | ハロウィン | halloween",
        "paper crane | 千纸鹤 | grulla de papel | 折り鶴 | papierkranich",
        "astronaut | 宇航员 | astronauta | 宇宙飛行士 | astronaut",
        "guitar | 吉他 | guitarra | ギター | gitarre",
        "flower | 花朵, 鲜花, 花 | flor, flores | 花 | blume",
        "cherry blossom, cherry tree, sakura | 樱花 | cerezo, flor de cerezo | 桜 | kirschblüte",
        "grass | 草地, 草 | hierba, césped | 草 | gras",
        "leaf, leaves | 树叶, 叶子 | hoja, hojas | 葉 | blatt, blätter",
        "rain, rainy | 下雨, 雨 | lluvia | 雨 | regen",
        "fog, mist, foggy, misty | 雾 | niebla | 霧 | nebel",
        "rainbow | 彩虹 | arcoíris | 虹 | regenbogen",
        "bridge | 桥 | puente | 橋 | brücke",
        "train | 火车 | tren | 電車, 列車 | zug",
        "plane, airplane | 飞机 | avión | 飛行機 | flugzeug",
        "umbrella | 雨伞, 伞 | paraguas | 傘 | regenschirm",
        "lamp, light | 灯, 台灯 | lámpara, luz | ランプ, 灯り | lampe, licht",
        "door | 门 | puerta | ドア, 扉 | tür",
        "window | 窗户, 窗 | ventana | 窓 | fenster",
        "roof | 屋顶 | techo, tejado | 屋根 | dach",
        "sign | 牌子, 招牌 | letrero, cartel | 看板 | schild",
        "text, words, letters, writing, lettering | 文字, 字 | texto, letras | 文字 | text, schrift, buchstaben",
        "watermark | 水印 | marca de agua | 透かし | wasserzeichen",
        "butterfly | 蝴蝶 | mariposa | 蝶 | schmetterling",
        "snowfall, falling snow | 下雪, 下着雪, 飘雪 | nevando, nevada | 雪が降る | schneefall, schneit",
        "fallen leaves, leaves | 落叶 | hojas caídas | 落ち葉 | herbstlaub",
        "old man, elderly man | 老人, 老爷爷, 爷爷 | anciano, viejito | おじいさん, 老人 | alter mann, opa",
        "old woman, grandmother | 老奶奶, 奶奶, 老婆婆 | anciana, abuela | おばあさん | alte frau, oma",
        "child, children, kid | 小孩, 孩子, 小朋友, 儿童 | niños | 子供, 子ども | kind, kinder",
        "blue sky | 蓝天 | cielo azul | 青空 | blauer himmel",
        "meadow | - | - | - | -",
        "flower field | 花田, 花海 | campo de flores | 花畑 | blumenfeld, blumenwiese",
        "rose | 玫瑰花, 玫瑰 | rosa | バラ, 薔薇 | rose",
        "sunflower | 向日葵 | girasol | ひまわり | sonnenblume",
        "willow | 柳树 | sauce | 柳 | weide",
        "bamboo | 竹子, 竹林 | bambú | 竹 | bambus",
        "cactus | 仙人掌 | cactus | サボテン | kaktus",
        "stone bridge | 石桥 | puente de piedra | 石橋 | steinbrücke",
        "waterfall | 瀑布 | cascada, catarata | 滝 | wasserfall",
        "volcano | 火山 | volcán | 火山 | vulkan",
        "lantern | 红灯笼, 灯笼 | farol, linterna | 提灯, ランタン | laterne",
        "candle | 蜡烛 | vela | ろうそく | kerze",
        "book | 书本, 书 | libro | 本 | buch",
        "table, desk | 木桌, 桌子 | mesa | テーブル, 机 | tisch",
        "chair | 椅子 | silla | 椅子 | stuhl",
        "bench | 长椅 | banco | ベンチ | bank",
        "bed | 床上, 床 | cama | ベッド | bett",
        "piano | 钢琴 | piano | ピアノ | klavier",
        "hat, cap | 帽子 | sombrero, gorra, gorro | 帽子 | hut, mütze",
        "scarf | 围巾 | bufanda | マフラー | schal",
        "dress, skirt | 连衣裙, 裙子 | vestido, falda | ドレス, ワンピース | kleid, rock",
        "glasses | 眼镜 | gafas, lentes | 眼鏡 | brille",
        "armor, armour | 盔甲, 铠甲 | armadura | 鎧 | rüstung",
        "sword | 宝剑, 剑 | espada | 剣 | schwert",
        "knight | 骑士 | caballero | 騎士 | ritter",
        "wizard | 巫师, 魔法师 | mago, hechicero | 魔法使い | zauberer",
        "witch | 女巫 | bruja | 魔女 | hexe",
        "fairy | 仙女, 精灵 | hada | 妖精 | fee",
        "mermaid | 美人鱼 | sirena | 人魚 | meerjungfrau",
        "unicorn | 独角兽 | unicornio | ユニコーン | einhorn",
        "phoenix | 凤凰 | fénix | 不死鳥, 鳳凰 | phönix",
        "samurai | 武士 | samurái | 侍 | samurai",
        "ninja | 忍者 | ninja | 忍者 | ninja",
        "pirate | 海盗 | pirata | 海賊 | pirat",
        "king | 国王 | rey | 王様 | könig",
        "queen | 女王, 皇后 | reina | 女王 | königin",
        "tiger | 老虎 | tigre | 虎, トラ | tiger",
        "lion | 狮子 | león | ライオン | löwe",
        "elephant | 大象 | elefante | 象, ゾウ | elefant",
        "monkey | 猴子 | mono | 猿, サル | affe",
        "polar bear | 北极熊 | oso polar | 白熊, シロクマ | eisbär",
        "penguin | 企鹅 | pingüino | ペンギン | pinguin",
        "turtle, tortoise | 乌龟, 海龟 | tortuga | 亀, カメ | schildkröte",
        "whale | 鲸鱼 | ballena | 鯨, クジラ | wal",
        "dolphin | 海豚 | delfín | イルカ | delfin",
        "shark | 鲨鱼 | tiburón | サメ | hai",
        "octopus | 章鱼 | pulpo | タコ | krake",
        "owl | 猫头鹰 | búho, lechuza | フクロウ | eule, eulen",
        "deer | 小鹿, 鹿 | ciervo, venado | 鹿 | hirsch, reh",
        "wolf | 狼 | lobo | 狼, オオカミ | wolf, wölfe",
        "sheep | 绵羊, 羊 | oveja | 羊 | schaf",
        "cow | 奶牛 | vaca | 牛 | kuh",
        "pig | 小猪, 猪 | cerdo | 豚 | schwein",
        "chicken, hen | 母鸡, 小鸡 | gallina, pollo | 鶏 | huhn",
        "duck | 鸭子 | pato | アヒル | ente",
        "snake | 蛇 | serpiente | 蛇 | schlange",
        "frog | 青蛙 | rana | カエル | frosch",
        "bee | 蜜蜂 | abeja | 蜂 | biene",
        "spider | 蜘蛛 | araña | 蜘蛛 | spinne",
        "apple | 苹果 | manzana | りんご, リンゴ | apfel, äpfel",
        "banana | 香蕉 | plátano, banana | バナナ | banane",
        "cake | 蛋糕 | tarta | ケーキ | kuchen, torte",
        "pizza | 披萨 | pizza | ピザ | pizza",
        "noodles, ramen | 面条, 拉面 | fideos | ラーメン | nudeln",
        "tea | 喝茶, 茶 | té | お茶 | tee",
        "cup, mug | 杯子 | taza, vaso | カップ | tasse, becher",
        "spaceship, spacecraft | 太空飞船, 宇宙飞船, 飞船 | nave espacial | 宇宙船 | raumschiff",
        "rocket | - | - | - | -",
        "planet | 行星, 星球 | planeta | 惑星 | planet",
        "surface of the moon, moon | 月球 | superficie lunar | 月面 | mondoberfläche",
        "truck | 卡车 | camión | トラック | lastwagen, lkw",
        "motorcycle, motorbike | 摩托车 | motocicleta, moto | バイク | motorrad",
        "tractor | 拖拉机 | tractor | トラクター | traktor",
        "bus | 公交车, 巴士 | autobús | バス | bus",
        "station, platform | 火车站, 车站, 站台 | estación, andén | 駅 | bahnhof",
        "market | 市场, 集市 | mercado | 市場 | markt",
        "night market | 夜市 | mercado nocturno | 夜市 | nachtmarkt",
        "old town | 古镇, 古城 | casco antiguo | 古い町 | altstadt",
        "temple | 寺庙, 庙 | templo | お寺, 神社 | tempel",
        "tower | 高塔, 塔 | torre | 塔 | turm",
        "school | 学校 | escuela | 学校 | schule",
        "kitchen | 厨房 | cocina | 台所, キッチン | küche",
        "library | 图书馆 | biblioteca | 図書館 | bibliothek",
        "kite | 放风筝, 风筝 | cometa | 凧 | drachen steigen",
        "frisbee | 飞盘 | frisbee | フリスビー | frisbee",
        "ball | 皮球, 球 | pelota | ボール | ball",
        "chess | 国际象棋, 下棋 | ajedrez | チェス | schach",
        "phone | 手机 | teléfono | 携帯, スマホ | handy, telefon",
        "computer | 电脑 | ordenador, computadora | パソコン | computer",
        "smoke | 炊烟, 烟 | humo | 煙 | rauch",
        "branch | 树枝 | rama | 枝 | ast, zweig",
        "squirrel | 松鼠 | ardilla | リス | eichhörnchen",
        "princess | 公主 | princesa | 姫 | prinzessin",
        "windmill | - | - | - | -",
        "snowman | - | - | - | -",
        "mushroom | - | - | - | -",
        "storm, stormy | 雷暴 | - | - | -",
        "clear sky | - | - | 晴天, 晴れ | -",
        "poster | 海报 | - | ポスター | plakat",
        "seahorse | 海马 | caballito de mar | タツノオトシゴ | seepferdchen",
        "starfish | 海星 | estrella de mar | ヒトデ | seestern",
        "seagull | 海鸥 | gaviota | カモメ | möwe",
        "sea lion | 海狮 | - | アシカ | seelöwe",
        "seaweed | 海藻 | - | 海藻 | seetang",
        "hot pot | 火锅 | - | 火鍋 | -",
        "turkey | 火鸡 | pavo | 七面鳥 | truthahn",
        "road | 马路 | carretera | 道路 | -",
        "circus | 马戏团 | circo | サーカス | zirkus",
        "milk | 牛奶 | leche | 牛乳 | milch",
        "cowboy | 牛仔 | vaquero | カウボーイ | -",
        "fishbowl, aquarium | 鱼缸 | pecera | 水槽 | aquarium",
        "vase | 花瓶 | florero, jarrón | 花瓶 | vase",
        "flower pot | 花盆 | maceta | 植木鉢 | blumentopf",
        "peanut | 花生 | cacahuete | ピーナッツ | erdnuss",
        "sloth | 树懒 | perezoso | ナマケモノ | faultier",
        "mooncake | 月饼 | - | 月餅 | -",
        "calendar | 日历 | calendario | カレンダー | kalender",
        "diary | 日记 | diario | 日記 | tagebuch",
        "ice cream | 冰淇淋, 雪糕 | helado | アイスクリーム | eiscreme",
        "sled, sledge | 雪橇 | trineo | そり | schlitten",
        "raincoat | 雨衣 | impermeable | レインコート | regenmantel",
        "teapot | 茶壶 | tetera | ティーポット | teekanne",
        "backpack | 书包, 背包 | mochila | リュック | rucksack",
        "bookshop | 书店 | librería | 本屋, 書店 | buchladen",
        "bookshelf | 书架 | estantería | 本棚 | bücherregal",
        "garage | 车库 | garaje | 車庫 | garage",
        "jellyfish | 水母 | medusa | クラゲ | qualle",
        "bucket | 水桶 | cubo | バケツ | eimer",
    ),
}  # fmt: skip

LANGUAGES: Final = ("en", "zh", "es", "ja", "de")


_ITS_OWN: Final = frozenset(
    [
        "street",
        "town",
        "downtown",
        "skyline",
        "cabin",
        "cottage",
        "home",
        "hill",
        "peak",
        "winter",
        "noon",
        "midday",
        "midnight",
        "evening",
        "morning",
        "man",
        "woman",
        "palace",
        "fortress",
        "sunny",
        "black and white",
        "skyscrapers",
        "winter landscape",
        "flower field",
        "lightning",
        "thunder",
        "stone castle",
        "rain",
    ]
)
"""English words that another of their row does not stand for: a street is no city of tall buildings."""


class Thing(NamedTuple):
    """What a word names: English spellings, the usual one first, the group that it can be replaced within, its row."""

    spellings: tuple[str, ...]
    group: str
    row: str = ""
    """The first English word of its row: "beach" of a coast."""


_ROW_OF: Final = {"balloon": "hot air balloon", "clear": "clear sky", "flat": "flat illustration", "center": "middle"}
"""The row of a value of the world, where it has another name."""


@cache
def things(language: str) -> dict[str, Thing]:
    """Return each word that the tables know in a language, in lower case: of these rows, then of the lexicon."""
    found = _of_rows(language)
    rows = {thing.row: thing for thing in _of_rows("en").values()}
    for word, (_, value) in names(language).items():
        row = rows[_ROW_OF.get(value, value)]
        own = (word,) if language == "en" else ()
        others = () if own and word in _ITS_OWN else _english(row.row)
        found.setdefault(word, Thing(tuple(dict.fromkeys((*own, *others))), row.group, row.row))
    if language == "es":  # as people type it
        found = {without_accents(word): thing for word, thing in found.items()} | found
    return found


@cache
def _english(row: str) -> tuple[str, ...]:
    """Return what keeps a row's thing in an English prompt: its own column, and the lexicon's English words for it."""
    own = next(line.split(" | ")[0].split(", ") for lines in _ROWS.values() for line in lines if _first(line) == row)
    return tuple(
        dict.fromkeys((*own, *(word for word, (_, value) in names("en").items() if _ROW_OF.get(value, value) == row)))
    )


def _first(line: str) -> str:
    return line.split(" | ")[0].split(", ")[0]


@cache
def _of_rows(language: str) -> dict[str, Thing]:
    found: dict[str, Thing] = {}
    for group, rows in _ROWS.items():
        for row in rows:
            columns = [tuple(word.strip() for word in column.split(",")) for column in row.split(" | ")]
            for word in columns[LANGUAGES.index(language)]:
                if word == "-":  # no word of its own in this language
                    continue
                # A word's own spelling comes first where it is English: "kitten" stays "kitten".
                own = (word,) if language == "en" else ()
                before, row_name = (found[word].spellings, found[word].row) if word in found else ((), columns[0][0])
                others = () if own and word in _ITS_OWN else _english(columns[0][0])
                found[word] = Thing(tuple(dict.fromkeys((*own, *before, *others))), group, row_name)
    return found
