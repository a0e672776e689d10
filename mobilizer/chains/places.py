"""Whether a place as people write it is one of a call's checkpoints: 东门 is 峰汇园东门卡口, 门 is no gate, 北门 not 东北门."""

import re
import unicodedata

_STEM = re.compile(r"(?:卡口|岗亭|点位|采样点|核酸点|门口|[点口岗])$")


def folded(name: str) -> str:
    """What two writings of one name have in common."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def _stem(place: str) -> str:
    plain = folded(place)
    cut = _STEM.sub("", plain)
    return (cut + "门" if plain.endswith("门口") else cut) or plain


def at_place(place: str, checkpoint: str) -> bool:
    """Whether one names the other, or a part of it that can be told from its neighbours."""
    written, name = _stem(place), _stem(checkpoint)
    if len(written) < 2:
        return written == name
    return _within(written, name) or _within(name, written)


def _within(part: str, whole: str) -> bool:
    at = whole.find(part)
    if at < 0 or not part:
        return False
    before = whole[at - 1] if at else ""
    points_further = part[0] in "东南西北" and before in ("东", "南", "西", "北")
    return not points_further and not (part[0].isdigit() and before.isdigit())
