"""Things that people ask for, in five languages: a row is one thing, its spellings parted by commas.

The first column names the spellings that keep the thing in an English prompt, the usual one first. Groups are for edits:
a new place, time or style takes the old one's part. Chinese words here also win over the numbers and the "no" that they
begin with (三明治, 别墅).
"""
# ruff: noqa: E501 (a row for each thing reads better than a line for each word)

from __future__ import annotations

from functools import cache
from typing import Final, NamedTuple

PLACE, TIME, STYLE, OTHER = "place", "time", "style", "other"

_ROWS: Final = {
    PLACE: (
        # en | zh | es | ja | de
        "beach, sea, ocean, seaside, seashore, shore, coast | 海滩, 沙滩, 海边, 大海, 海岸, 海滨, 海上, 海 | playa, mar, costa, orilla del mar, océano | 浜辺, 海辺, 砂浜, ビーチ, 海岸, 海 | strand, meer, küste, ozean",
        "lake, pond, lakeside | 湖边, 湖, 湖泊, 湖面, 湖畔, 池塘 | lago, laguna | 湖, 池, 湖畔 | see, teich, seeufer",
        "forest, woods, wood, woodland | 森林, 树林, 林子, 松林 | bosque, selva | 森, 林 | wald",
        "mountains, mountain, hill, peak, alps | 群山, 大山, 高山, 山脉, 山峰, 山 | montaña, sierra, colina | 山, 山々, 山脈 | berg, gebirge, hügel",
        "desert, dune, sand | 沙漠, 沙丘, 荒漠, 大漠 | desierto, duna | 砂漠, 砂丘 | wüste, düne",
        "city, town, street, skyline, downtown | 城市, 都市, 街道, 城里, 高楼, 街上 | ciudad, calle | 街, 都市, 都会, 町 | stadt, straße",
        "snow, snowy, winter, snowflake | 雪地, 雪原, 冬天, 雪景, 冬季, 雪 | nieve, nevado, invierno | 雪原, 雪景色, 雪, 冬 | schnee, winter, verschneit",
        "island | 岛, 小岛 | isla | 島 | insel",
        "river | 河, 小河, 河流 | río | 川 | fluss",
        "village | 村庄, 村子, 小村 | pueblo, aldea | 村 | dorf",
        "garden | 花园, 院子 | jardín | 庭 | garten",
        "space | 太空, 宇宙 | espacio | 宇宙 | weltraum, weltall",
    ),
    TIME: (
        "dawn, sunrise, morning, daybreak | 黎明, 日出, 清晨, 早晨, 早上, 拂晓 | amanecer, alba, mañana | 夜明け, 日の出, 早朝, 朝 | sonnenaufgang, morgen, morgendämmerung",
        "day, daytime, daylight, noon, bright day, sunny | 白天, 晴天, 中午, 正午, 白昼 | día, mediodía, soleado | 昼間, 日中, 正午, 昼, 晴れ | tag, tagsüber, mittag, sonnig",
        "sunset, evening, golden hour, sundown | 夕阳西下, 日落, 夕阳, 傍晚, 落日, 晚霞 | atardecer, puesta de sol, ocaso, anochecer | 夕日, 夕焼け, 夕方, 日没 | sonnenuntergang, abend",
        "dusk, twilight, nightfall | 黄昏, 暮色, 薄暮 | crepúsculo | 夕暮れ, たそがれ, 黄昏 | dämmerung, abenddämmerung",
        "night, midnight, nighttime | 夜晚, 晚上, 夜里, 深夜, 黑夜, 半夜, 夜间, 夜色, 夜景, 夜空, 夜 | noche, medianoche | 真夜中, 深夜, 夜 | nacht, mitternacht, nachts",
    ),
    STYLE: (
        "watercolor, watercolour, aquarelle | 水彩画, 水彩 | acuarela | 水彩画, 水彩 | aquarell, wasserfarben",
        "ink, sumi-e | 水墨画, 水墨, 国画 | tinta china, tinta | 水墨画, 墨絵 | tusche, tinte",
        "flat illustration, flat, vector | 扁平插画, 扁平 | ilustración plana | フラットイラスト, フラット | flache illustration",
        "oil painting | 油画 | óleo, pintura al óleo | 油絵 | ölgemälde",
        "pixel art | 像素画, 像素风 | pixel art | ドット絵 | pixel-art",
        "anime | 动漫, 动画, 二次元 | anime | アニメ | anime",
        "cyberpunk | 赛博朋克 | ciberpunk | サイバーパンク | cyberpunk",
        "black and white, monochrome | 黑白 | blanco y negro | 白黒 | schwarz-weiß",
        "photo, photograph, realistic | 照片, 写实 | foto, fotografía | 写真 | foto, fotografie",
    ),
    OTHER: (
        "house, cottage, cabin, home | 小房子, 房子, 小屋, 屋子, 房屋, 木屋 | casa, casita, cabaña | おうち, 小屋, 家 | haus, häuser, häuschen, hütte",
        "lighthouse, light house, beacon | 灯塔 | faro | 灯台 | leuchtturm",
        "boat, sailboat, ship, sailing boat, yacht | 小帆船, 小船, 帆船, 船只, 小舟, 船 | barco, velero, bote, barca | ボート, ヨット, 船 | boot, schiff, segelboot",
        "hot air balloon, hot-air balloon, air balloon, balloon | 热气球, 气球 | globo aerostático, globo | 熱気球, 気球, バルーン | heißluftballon, ballon",
        "tree | 大树, 小树, 树木, 树 | árbol | 大きな木, 木, 樹 | baum, bäume",
        "castle, fortress, palace | 石头城堡, 城堡, 古堡, 宫殿 | castillo, palacio | お城, 城 | schloss, burg, palast",
        "cat, kitten, kitty | 小猫咪, 小猫, 猫咪, 猫儿, 猫 | gato, gatito | 子猫, ねこ, ネコ, 猫 | katze, kätzchen, kater",
        "campfire, bonfire, camp fire, fire | 篝火, 营火, 火堆, 火 | fogata, hoguera, fuego | 焚き火, たき火, キャンプファイヤー, 火 | lagerfeuer, feuer",
        "sun, sunny, sunshine, sunlight | 红太阳, 太阳, 阳光 | sol | 太陽, お日様 | sonne, sonnenschein",
        "moon, moonlight, crescent moon, full moon | 月亮, 明月, 圆月, 满月, 月光 | luna, luna llena | お月様, 満月, 月 | mond, vollmond",
        "clouds, cloud, cloudy | 云朵, 白云, 云彩, 云 | nube | 白い雲, 雲 | wolke, wolken",
        "stars, star, starry, starlight | 满天繁星, 满天星星, 星星, 星空, 繁星 | estrella, cielo estrellado | 満天の星, 星空, 星 | stern, sternenhimmel",
        "sky | 天空 | cielo | 空 | himmel",
        "people, person, human, man, woman, figure | 人们, 人物, 行人, 人类, 人 | gente, persona, personas, humano | 人々, 人物, 人間, 人 | menschen, mensch, personen, leute",
        "girl | 女孩, 少女, 小女孩 | niña, chica | 少女, 女の子 | mädchen",
        "boy | 男孩, 少年, 小男孩 | niño, chico | 少年, 男の子 | junge",
        "animals, animal | 动物 | animal, animales | 動物 | tier, tiere",
        "dog, puppy | 小狗, 狗狗, 狗 | perro, perrito, cachorro | 子犬, 犬, いぬ | hund, hündchen, welpe",
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
        "fog, mist | 雾 | niebla | 霧 | nebel",
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
        "squirrel | 松鼠 | ardilla | リス | eichhörnchen",
        "princess | 公主 | princesa | 姫 | prinzessin",
    ),
}  # fmt: skip

LANGUAGES: Final = ("en", "zh", "es", "ja", "de")


class Thing(NamedTuple):
    """What a word names: English spellings, the usual one first, and the group that it can be replaced within."""

    spellings: tuple[str, ...]
    group: str


@cache
def things(language: str) -> dict[str, Thing]:
    """Return each word that the table knows in a language, in lower case."""
    found: dict[str, Thing] = {}
    for group, rows in _ROWS.items():
        for row in rows:
            columns = [tuple(word.strip() for word in column.split(",")) for column in row.split(" | ")]
            for word in columns[LANGUAGES.index(language)]:
                # A word's own spelling comes first where it is English: "kitten" stays "kitten".
                own = (word,) if language == "en" else ()
                before = found[word].spellings if word in found else ()
                found[word] = Thing(tuple(dict.fromkeys((*own, *before, *columns[0]))), group)
    return found
