"""The search keys of one entity, computed when it is published."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from service.lookup.names import fold, is_hanzi

HANZI_SCRIPTS: Final = frozenset({"hans", "hant", "kampo"})
WORD_SCRIPTS: Final = frozenset({"english", "latin", "brand"})


def keys_of(names: Iterable[Mapping[str, Any]]) -> list[tuple[str, int]]:
    """Pairs of (key, position of the name), without repeats, in the order of the names.

    A name gives its joined form; names of words also give what follows each word's start, so that
    "licorice" finds "Peony and Licorice Decoction"; hanzi without a recorded reading give a
    generated one.
    """
    names = list(names)
    recorded = any(name["script"] == "pinyin" for name in names)
    pairs: dict[tuple[str, int], None] = {}
    for position, name in enumerate(names):
        for key in _keys_of_name(name, recorded=recorded):
            pairs[key, position] = None
    return list(pairs)


def _keys_of_name(name: Mapping[str, Any], *, recorded: bool) -> Iterable[str]:
    folded = fold(name["text"])
    yield folded.joined.text
    if name["script"] in WORD_SCRIPTS:
        words = folded.text.split()
        yield from ("".join(words[start:]) for start in range(1, len(words)))
    if name["script"] in HANZI_SCRIPTS and not (recorded and name.get("preferred")):
        reading = _generated_pinyin(name["text"])
        if reading:
            yield reading


def _generated_pinyin(text: str) -> str:
    # pypinyin's dictionary is large and only publishing needs it.
    from pypinyin import Style, lazy_pinyin

    hanzi = fold(text).joined.text
    if not hanzi or not all(map(is_hanzi, hanzi)):
        return ""
    return fold("".join(lazy_pinyin(hanzi, style=Style.NORMAL))).joined.text
