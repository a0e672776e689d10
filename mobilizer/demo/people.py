"""Made-up people: common surnames and given names put together by a seeded generator; no real person is meant.

Phones run from 198 0000 0000 up, a range the sample rosters do not use.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

SURNAMES = (
    "王李张刘陈杨黄赵周吴徐孙马朱胡林郭何高罗郑梁谢宋唐许邓韩冯曹彭曾肖田董潘袁蔡蒋余于杜叶程苏魏吕丁任沈姚卢钟姜崔谭陆汪范金石廖"
    "贾夏韦付方邹熊白孟秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严武戴莫孔向汤"
)
GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红梅建国文志永健俊峰波辉斌浩宇欣雨晨思佳嘉子涵梓萱怡琪雪婷慧颖莹倩海燕"
    "春秋冬阳光林森泉山川云飞鹏程远航安宁康乐福瑞祥和顺德仁义礼智信诚"
)
SKILLS = ("医护", "驾驶", "心理疏导", "水电维修", "会计", "法律", "无人机", "普通话/方言")
STANDINGS = ("正式党员",) * 17 + ("预备党员", "预备党员", "入党积极分子")
FIRST_PHONE = 19800000000


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    phone: str
    standing: str
    joined_on: str
    skills: str


def people(seed: int) -> Iterator[Person]:
    """Without end, the same for the same seed; the phones count up from FIRST_PHONE."""
    random = Random(seed)  # noqa: S311
    number = FIRST_PHONE
    while True:
        given = "".join(random.choices(GIVEN, k=random.choice((1, 2, 2))))
        yield Person(
            name=random.choice(SURNAMES) + given,
            phone=str(number),
            standing=random.choice(STANDINGS),
            joined_on=f"{random.randint(1970, 2024)}-{random.randint(1, 12):02d}-{random.randint(1, 28):02d}",
            skills="、".join(random.sample(SKILLS, random.choice((0, 0, 0, 1, 1, 2)))),
        )
        number += 1
