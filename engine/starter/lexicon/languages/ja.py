"""Japanese."""
# ruff: noqa: E501 (a row for each thing reads better than a line for each word)

from typing import Final

from engine.starter.lexicon.language import Language, Noun, Setting

JAPANESE: Final = Language(
    code="ja",
    spaced=False,
    subjects={
        "house": (Noun("家"), Noun("小屋"), Noun("おうち")),
        "lighthouse": (Noun("灯台"),),
        "boat": (Noun("船"), Noun("ヨット"), Noun("ボート"), Noun("小舟")),
        "balloon": (Noun("気球"), Noun("熱気球"), Noun("バルーン")),
        "tree": (Noun("木"), Noun("大きな木"), Noun("樹")),
        "castle": (Noun("城"), Noun("お城")),
        "cat": (Noun("猫"), Noun("ねこ"), Noun("子猫"), Noun("ネコ")),
        "campfire": (Noun("焚き火"), Noun("たき火"), Noun("キャンプファイヤー")),
        "windmill": (Noun("風車"), Noun("風車小屋")),
        "snowman": (Noun("雪だるま"), Noun("ゆきだるま")),
        "mushroom": (Noun("キノコ"), Noun("きのこ"), Noun("大きなキノコ")),
        "rocket": (Noun("ロケット"), Noun("宇宙ロケット")),
    },
    places={
        "beach": Setting(("浜辺", "海", "ビーチ", "海辺", "砂浜", "海岸"), ("浜辺の", "海の", "ビーチの", "海辺の", "砂浜の", "海岸の")),
        "lake": Setting(("湖", "湖畔", "池"), ("湖の", "湖畔の", "池の")),
        "forest": Setting(("森", "林"), ("森の", "森の中の", "林の")),
        "mountains": Setting(("山", "山々", "山脈"), ("山の", "山の前の", "山々の")),
        "desert": Setting(("砂漠", "砂丘"), ("砂漠の", "砂丘の")),
        "city": Setting(("街", "都会", "町", "都市"), ("街の", "都会の", "町の", "都市の")),
        "meadow": Setting(("草原", "野原", "花畑", "草地"), ("草原の", "野原の", "花畑の", "草地の")),
        "snow": Setting(("雪原", "雪", "冬", "雪景色"), ("雪の中の", "雪の", "雪原の", "冬の")),
    },
    times={
        "dawn": Setting(("夜明け", "朝", "日の出", "早朝"), ("夜明けの", "朝の", "日の出の", "早朝の")),
        "day": Setting(("昼", "晴れ", "昼間", "日中"), ("昼の", "晴れた日の", "昼間の", "日中の")),
        "sunset": Setting(("夕日", "夕焼け", "夕方", "日没"), ("夕日の", "夕焼けの", "夕方の", "日没の")),
        "dusk": Setting(("夕暮れ", "黄昏", "たそがれ"), ("夕暮れの", "黄昏の", "たそがれの")),
        "night": Setting(("夜", "真夜中", "深夜"), ("夜の", "真夜中の", "深夜の")),
    },
    skies={"sun": ("太陽", "お日様"), "moon": ("月", "満月", "お月様"), "clouds": ("雲", "白い雲"), "stars": ("星", "星空", "満天の星"), "clear": ("晴れた空", "快晴", "雲のない空"), "storm": ("嵐", "雷雨", "雷", "稲妻", "雨")},
    styles={"flat": ("フラット", "フラットイラスト"), "watercolor": ("水彩画", "水彩"), "ink": ("水墨画", "墨絵", "白黒"), "pastel": ("パステル画", "パステル", "パステルカラー")},
    positions={
        "left": Setting(("左", "左側", "左の方"), ("左に", "左側に", "左の方に")),
        "center": Setting(("真ん中", "中央"), ("真ん中に", "中央に")),
        "right": Setting(("右", "右側", "右の方"), ("右に", "右側に", "右の方に")),
    },
    colors={
        "red": {"": ("赤い", "赤")}, "orange": {"": ("オレンジの", "オレンジ色の", "オレンジ")}, "yellow": {"": ("黄色い", "黄色の", "黄色")}, "green": {"": ("緑の", "緑色の", "緑")},
        "blue": {"": ("青い", "青")}, "pink": {"": ("ピンクの", "ピンク色の", "ピンク")}, "white": {"": ("白い", "白")}, "black": {"": ("黒い", "黒")},
    },
    articles={"": ("", "", "一つの")},
    noun_phrase="{color}{noun}",
    cores={
        "np at when": ("{when}{at}{np}", "{when}{place}に{np}", "{at}{np}、{time}", "{n} {place} {time}", "{place} {time} {n}", "{when}{place}と{np}", "{time}、{place}、{n}", "{when}{place}で{np}"),
        "np at": ("{at}{np}", "{place}に{np}", "{n} {place}", "{place}と{np}", "{place}、{n}", "{place}にいる{n}", "{place}にある{n}"),
        "np when": ("{when}{np}", "{n} {time}", "{time}、{n}", "{time}と{np}"),
        "at when": ("{when}{place}", "{place} {time}", "{at}{time}", "{time}、{place}", "{place}と{time}", "{time} {place}"),
        "np": ("{np}", "{n}"), "at": ("{place}", "{at}風景", "{at}景色"), "when": ("{time}", "{when}風景", "{when}景色"), "": ("風景", "絵", "何か素敵なもの", "こんにちは", "何か"),
    },
    conjunction="と",
    noun_position="{side}の{np}",
    with_position=("、{position}", " {side}", "、{side}"),
    with_sky=("、{sky}", "と{sky}", "、{sky}付き", " {sky}", "、空に{sky}"),
    with_style=("、{style}", "、{style}で", " {style}", "、{style}風"),
    without=("、{old}なし", "、{old}なしで", "、{old}はいらない"),
    before=("", "", "", "", "絵：", "お願い、", "こんにちは、", "すみません、", "ぜひ"),
    after=("", "", "", "を描いて", "を描いてください", "の絵", "をお願いします", "が見たい", "の絵を描いて", "お願い", "を描いてくれますか", "の画像"),
    understood={
        "np at when": "{when}{at}{np}", "np at": "{at}{np}", "np when": "{when}{np}", "at when": "{when}{place}", "np": "{np}", "at": "{place}", "when": "{when}風景", "": "風景",
    },
    understood_sky="、{sky}", understood_style="、{style}", understood_position="、{position}", understood_without="、{old}なし",
    edits={
        "position": (
            "{position}移して", "{old}を{position}", "{position}して", "{side}へ動かして", "{old}を{position}置いて", "{side}がいい", "{old}を{side}へ移して", "{position}置いて",
            "{old}は{side}がいい", "{side}に寄せて", "{old}を{side}にして",
        ),
        "time": (
            "{time}にして", "{time}に変えて", "{time}にしてください", "{time}で", "時間を{time}に", "{time}がいい", "{time}に変更して", "{time}の絵にして", "{time}に描き直して", "{time}がほしい",
            "同じ絵で{time}",
        ),
        "place": (
            "{place}に変えて", "背景を{place}に", "{place}にして", "場所を{place}に", "{place}で", "{place}に移して", "{place}に変更して", "背景は{place}で", "{place}がいい", "場所は{place}で",
            "背景を{place}に変えて",
        ),
        "sky": (
            "{sky}を追加して", "{sky}を足して", "{sky}も", "空に{sky}を", "{sky}を入れて", "{sky}がほしい", "{sky}を加えて", "{sky}を描いて", "空に{sky}を描いて", "{sky}もほしい",
        ),
        "style": (
            "{style}にして", "{style}風に", "{style}で", "{style}に変えて", "{style}風にして", "{style}で描いて", "{style}がいい", "{style}に変更して", "{style}風で",
        ),
        "color": (
            "{old}を{color}に", "{color}にして", "色を{color}に変えて", "{old}は{color}で", "{old}を{color}にして", "{color}に変えて", "{color}がいい", "{old}の色を{color}に",
            "{old}を{color}に塗って",
        ),
        "add": (
            "{np}を追加して", "{np}を足して", "{np}も", "{np}を入れて", "{np}を描き足して", "{np}を加えて", "{np}がほしい", "{np}もほしい", "{np}を置いて", "{np}も描いて",
        ),
        "replace": (
            "{old}を{np}に変えて", "{old}の代わりに{np}", "{old}を{np}にして", "{old}じゃなくて{np}", "{old}を{np}と入れ替えて", "{old}をやめて{np}に", "{old}より{np}がいい", "{old}を{np}に変更して",
            "{old}ではなく{np}で",
        ),
        "remove": (
            "{old}を消して", "{old}なしで", "{old}を取って", "{old}を削除して", "{old}はいらない", "{old}を外して", "{old}をなくして", "{old}は無しで", "{old}を取り除いて", "{old}を描かないで",
        ),
    },
    join=("、", "。", "、あと"),
    ends=("", "", "", "", "。", "！"),
    extra_words=(
        "の", "を", "に", "で", "と", "が", "は", "も", "へ", "から", "まで", "や", "か", "ね", "よ", "な", "中", "上", "下", "前", "後ろ", "横", "隣", "そば", "近く", "ある", "いる", "ください", "お願い", "お願いします",
        "描いて", "描く", "描き", "絵", "画像", "イラスト", "写真", "風景", "景色", "空", "背景", "色", "光", "水", "きれいな", "綺麗な", "美しい", "かわいい", "可愛い", "小さな", "小さい", "大きな", "大きい", "静かな",
        "一つ", "ひとつ", "一匹", "一軒", "一本", "一隻", "して", "する", "した", "てください", "ありがとう", "こんにちは", "すみません", "この", "その", "あの", "これ", "それ", "もっと", "とても", "今", "次", "また", "そして",
        "変えて", "入れて", "足して", "消して", "寄せて", "見たい", "欲しい", "ほしい", "風", "時", "ころ", "頃", "い",
    ),
)  # fmt: skip
