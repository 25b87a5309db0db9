"""What leaves the host: hard cases in several languages, and properties that hold for any text."""

from __future__ import annotations

import string
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.outgoing import scrub
from bot.understanding.instructions import FIRST, REPLY

GOES = [
    ("draw <@123456789012345678> as a knight", "draw as a knight"),
    ("<@!123456789012345678>", ""),
    ("for <@&999999999999999999> in <#111111111111111111>", "for in"),
    ("try </imagine:112233445566778899> again", "try again"),
    ("@everyone at a party, @here too", "everyone at a party, here too"),
    ("a <:fox_face:123456789012345678> and <a:dance:1234567890123456789>", "a fox_face and dance"),
    ("user 123456789012345678's cat", "user 's cat"),
    ("see https://discord.com/channels/1/2/3 please", "see please"),
    ("https://discord.com/api/webhooks/1/abcDEF ok", "ok"),
    ("mail ada.lovelace+art@example.co.uk a picture", "mail a picture"),
    ("我的邮箱是ada@example.com请画一只猫", "我的邮箱是 请画一只猫"),
    ("an jürgen.müller@straße-büro.de schicken", "an schicken"),
    ("пишите на почта@пример.рф, рисунок", "пишите на , рисунок"),
    ("ada＠example．com の猫", "の猫"),
    ("ada [at] example [dot] com", ""),
    ("a\u200bda@exam\u200bple.com", ""),
    ("call +49 30 123456-78 now", "call now"),
    ("+1 (555) 123-4567 on a sign", "on a sign"),
    ("+8613812345678画在墙上", "画在墙上"),
    ("手机13812345678，一只猫", "手机 ，一只猫"),
    ("电话 010-12345678", "电话"),
    ("ring 0049 30 1234567", "ring"),
    ("Tel. 030 / 123 456 78 an der Wand", "Tel. an der Wand"),
    ("06 12 34 56 78 sur un mur", "sur un mur"),
    ("020 7946 0958 on a van", "on a van"),
    ("090-1234-5678に電話", "に電話"),
    ("010 1234 5678 간판", "간판"),
    ("(555) 123-4567", ""),
    ("555-123-4567 and 555.123.4567 and 555 123 4567", "and and"),
    ("5551234567 on a shirt", "on a shirt"),
    ("phone: 555-1234", "phone:"),
    ("8 (912) 345-67-89 на стене", "на стене"),
    ("(11) 91234-5678 na parede", "na parede"),
    ("98765 43210 on a truck", "on a truck"),
    ("my number is 612-34-56-78", "my number is"),
    ("whatsapp 612 345 678", "whatsapp"),
    ("٠١٠ ١٢٣٤ ٥٦٧٨ على جدار", "على جدار"),
    ("Authorization: Bearer abc123def456ghi789jkl", "Authorization:"),
    ("key sk-proj-abcdefghijklmnop1234 in neon", "key in neon"),
    ("ghp_abcdefghijklmnopqrstuvwxyz0123456789 poster", "poster"),
    ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc_def poster", "poster"),
    ("MTIzNDU2Nzg5MDEyMzQ1Njc4.Gabcde.abcdefghijklmnopqrstuvwxyz0 poster", "poster"),
    ("0123456789abcdef0123456789abcdef poster", "poster"),
]
STAYS = [
    "a red boat on a lake at night",
    "夕阳下的海滩，两只狗",
    "1 2 3",
    "1, 2, 3, 4, 5, 6, 7, 8, 9, 10",
    "1 2 3 4 5 6 7 8 9",
    "a 1024x1536 poster, 16:9, 1920×1080",
    "between 1999-2005 and 1914-1918",
    "1980 1990 2000 2010",
    "the summer of 2024-06-21, or 21.06.2024, or 06/21/2024",
    "01.02.2024 - 28.02.2024",
    "on 01.02.2024 9 dogs, on 2024-11-24 10 cats",
    "the fashions of 1920-1950-1980",
    "1 000 000 stars, 1,000,000 birds, 1.000.000 Sterne, 10 000 000 fish",
    "1.234.567.890 grains",
    "pi is 3.14159265358979",
    "0.123456789",
    "52.520008, 13.404954",
    "f/1.8, ISO 3200, 50mm, 1/250 s",
    "8848 m high, 12:30, 100 %",
    "route 66, area 51, 007, Blade Runner 2049",
    "a sign that says 'OPEN 24/7'",
    "a poster: \"24.12.\" and '9-5'",
    "800-1200 AD",
    "chapter 12-13-14",
    "meet @ noon, me @home, C# and C++",
    "bearer of the flag, extraordinarily tall",
    "a sk-ater, a key, pk",
    "a superextraordinarilylongwordofmorethanthirtytwoletters",
    "snake_case_words_that_are_rather_long_but_only_words",
    "十二万三千四百五十六",
    "7 cats, 12 dogs, 365 days, 86400 seconds, 1000000",
    "<t:1700000000:R>",
    "a < b > c, <3",
    "a line\nanother  line\n\n  indented",
    '{"understood": "ein Boot", "keywords": ["red", "boat"], "prompt": "a red boat", "negative": ""}',
    FIRST,
    REPLY,
]


@pytest.mark.parametrize(("text", "left"), GOES)
def test_what_points_to_a_person_goes(text: str, left: str) -> None:
    assert scrub(text) == left


@pytest.mark.parametrize("text", STAYS)
def test_what_describes_a_picture_stays(text: str) -> None:
    assert scrub(text) == text


WORDS = st.text(alphabet="abc déü 画猫лес\n,.-", max_size=30)
DIGITS = st.text(alphabet=string.digits, min_size=17, max_size=20)
LOCAL = st.text(alphabet=string.ascii_lowercase + string.digits + "._+", min_size=1, max_size=20)
HOST = st.text(alphabet=string.ascii_lowercase, min_size=1, max_size=12)


@given(WORDS, DIGITS, WORDS)
def test_no_id_gets_out(before: str, snowflake: str, after: str) -> None:
    for form in ("<@{}>", "<@!{}>", "<@&{}>", "<#{}>", "<:cat:{}>", " {} "):
        assert snowflake not in scrub(before + form.format(snowflake) + after)


@given(WORDS, LOCAL, HOST, st.sampled_from(["com", "de", "co.uk", "рф", "中国"]), WORDS)
def test_no_address_gets_out(before: str, local: str, host: str, top: str, after: str) -> None:
    left = scrub(f"{before}{local}@{host}.{top} {after}")
    assert "@" not in left


@given(WORDS, st.text(alphabet="123456789", min_size=8, max_size=14), st.sampled_from(" -."), WORDS)
def test_no_international_number_gets_out(before: str, digits: str, gap: str, after: str) -> None:
    spread = gap.join(digits[start : start + 3] for start in range(0, len(digits), 3))
    for number in (f"+{digits}", f"+{spread}"):
        assert number not in scrub(f"{before} {number} {after}")


@given(st.text())
def test_once_is_enough(text: str) -> None:
    once = scrub(text)
    assert scrub(once) == once
    assert len(once) <= len(text)


@given(st.text(alphabet=st.characters(categories=["Lu", "Ll", "Lo", "Po"], exclude_characters="@＠"), max_size=60))
def test_letters_alone_stay(text: str) -> None:
    words = " ".join(text[i : i + 9] for i in range(0, len(text), 9))
    assert scrub(words) == words


@pytest.mark.parametrize("piece", ["a", "1", "1 ", "a.", "<@", "@", "+1", "(1", "aA1-", "[at]", "a@a.", "bearer "])
def test_long_texts_take_no_time(piece: str) -> None:
    started = time.process_time()
    scrub(piece * (8_000 // len(piece)))
    assert time.process_time() - started < 2
