"""Names that are said in two parts: 望潮的汽车站, 枫坑镇上卫生院; 汽车站，望潮那个; 水库是溪源的那个.

Whose it is and what it is stand apart, with little words between them or the wrong way round. Looked for only
where the text has a word for a kind of place, so that other texts cost nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from huying.geo.finding.spots import Named, Said
from huying.geo.names import Names

KINDS = (
    *("汽车站", "客运站", "火车站", "公交站", "加油站", "收费站", "充电站", "变电站", "服务站"),
    *("卫生院", "医院", "门诊", "敬老院", "养老院", "幼儿园", "小学", "中学", "学校"),
    *("码头", "埠头", "渡口", "渔港", "灯塔", "水闸", "海塘", "水库", "山塘", "沙滩", "浴场"),
    *("菜市场", "农贸市场", "菜场", "集市", "市场", "超市", "供销社", "支行", "分理处", "农商行"),
    *("公园", "广场", "大桥", "隧道", "宾馆", "旅社", "旅馆", "民宿", "客栈", "茶园", "古道", "瀑布"),
    *("镇政府", "派出所", "便民服务中心", "服务中心", "图书馆", "采石场", "养猪场", "陶瓷厂", "船厂", "小区"),
)
"""Words for what a place is, with which a name may end."""

OWNER_CHARS = (2, 5)
"""So long is what stands before the kind in a name: 望潮, 海峰路, 枫树坪."""

GAP_CHARS = 8
"""Of little words between the two parts; what is further away is another matter."""

_RANK = re.compile("[镇村]$")
_GAP = re.compile(
    "(?:镇上?|镇里|村里?|村上|街上|路上|岛上|山上|上面?|里面?|边上|边)?(?:的|那个|这个|那边的?|这边的?|那里的?|那只|那家|那座)?$"
)
_TURNED = re.compile("[，,、 ]{0,2}(?:就是|是|在|就在)?(?:那个|这个)?")
_TURNED_END = re.compile("(?:镇|村)?(?:上|里|边上|那边)?(?:的那个|的|那个|那边|这边|那只|那座)")


class Compounds:
    """Args:
    names: (name, what it stands for); those that end with one of `KINDS` are looked for in two parts.
    """

    def __init__(self, names: Iterable[tuple[str, Iterable[Named]]]) -> None:
        low, high = OWNER_CHARS
        self._of: dict[str, dict[str, tuple[Named, ...]]] = {}
        for name, values in names:
            places = tuple(each for each in values if each.place)
            for kind in KINDS if places else ():
                owner = name.removesuffix(kind)
                if owner == name:
                    continue
                known = self._of.setdefault(kind, {})
                for each in {owner, _RANK.sub("", owner)}:
                    if low <= len(each) <= high:
                        known[each] = tuple(dict.fromkeys((*known.get(each, ()), *places)))
        self._kinds = Names((kind, kind) for kind in self._of)

    def find(self, text: str) -> Iterator[Said]:
        """Places whose name is said in two parts."""
        for each in self._kinds.find(text):
            owners = self._of[each.value]
            yield from _before(text, each.start, each.end, owners)
            yield from _after(text, each.start, each.end, owners)


def _before(text: str, start: int, end: int, owners: dict[str, tuple[Named, ...]]) -> Iterator[Said]:
    gap = _GAP.search(text, max(0, start - GAP_CHARS), start)
    if gap is None or gap.start() == start:
        return
    for at in range(gap.start(), start):
        for length in range(OWNER_CHARS[1], OWNER_CHARS[0] - 1, -1):
            values = owners.get(text[max(0, at - length) : at])
            if values:
                yield Said(at - length, end, values, split=True)
                return


def _after(text: str, start: int, end: int, owners: dict[str, tuple[Named, ...]]) -> Iterator[Said]:
    gap = _TURNED.match(text, end)
    at = gap.end() if gap else end
    if at == end:
        return
    for length in range(OWNER_CHARS[1], OWNER_CHARS[0] - 1, -1):
        values = owners.get(text[at : at + length])
        stop = _TURNED_END.match(text, at + length) if values else None
        if values and stop:
            yield Said(start, stop.end(), values, split=True)
            return
