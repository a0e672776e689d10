"""The four playbooks that come with the product, complete in Chinese and in English.

What a call says is read by people, so each is there in the language of whoever uses it. Dangerous work (flood, snow)
asks for the insurance before publishing (Regulations on Volunteer Service, 2017, Art. 17). Skills are named as the
rosters name them; where no roster does, the post is open to everybody and the page says so.
"""

from dataclasses import dataclass

from mobilizer.playbooks.rules import Later, Place, Playbook, Post


@dataclass(frozen=True, slots=True)
class Shipped:
    name: str
    playbook: Playbook


_FLOOD_ZH = Shipped(
    "防汛守堤",
    Playbook(
        kind="flood",
        operation="{unit}防汛抢险",
        branch="{unit}防汛行动支部",
        mission="昼夜巡堤查险，险情早发现、早报告、早处置；看护低洼路段，劝返和转移群众。",
        title="{unit}防汛巡堤志愿者招募",
        content=(
            "两人以上结伴，按路线每小时巡查一次堤防、涵闸和低洼路段，看渗水、管涌、滑坡和水位标尺，"
            "逐次登记；发现险情立即报值班室，不单独处置。协助拉警戒线、搬运沙袋、劝返靠近水边的群众。"
        ),
        risks=(
            "堤岸湿滑、夜间视线差，有落水、滑倒、雷击和过度疲劳的危险。必须穿救生衣、至少两人同行，"
            "雷暴或接到撤离指令时立即撤到安全地点。不会水、孕期、有心脑血管疾病者请选择后方岗位。"
        ),
        kit="自带：雨衣、防滑雨靴、保温水杯、充电宝。现场发放：救生衣、强光手电、反光背心、哨子、对讲机。",
        category="patrol",
        dangerous=True,
        checkpoints=(Place("东堤巡查点"), Place("西堤巡查点"), Place("排涝泵站")),
        posts=(Post("巡堤", 4, 2), Post("值守登记", 1, 1)),
        pattern="4x6",
        overlap=15,
        days=3,
        later=None,
    ),
)
_FLOOD_EN = Shipped(
    "Flood watch",
    Playbook(
        kind="flood",
        operation="{unit} flood response",
        branch="{unit} Flood Action Branch",
        mission=(
            "Walk the dykes day and night, find and report danger early, guard low-lying roads, "
            "turn people back and help them to safety."
        ),
        title="{unit}: volunteers for the flood watch",
        content=(
            "In pairs or more, walk the dyke, its sluices and the low roads once an hour; look for seepage, boils, "
            "slips and the water gauge, and write each round down. Report danger to the duty room at once and never "
            "deal with it alone. Help to tape off, to carry sandbags and to turn people back from the water."
        ),
        risks=(
            "Wet slopes and poor sight at night: drowning, falls, lightning and exhaustion. A life jacket is worn and "
            "nobody walks alone; in a thunderstorm, or when told to leave, go to safe ground at once. Whoever cannot "
            "swim, is pregnant or has a heart condition takes a post behind the line."
        ),
        kit=(
            "Bring: raincoat, boots with grip, flask, power bank. "
            "Handed out: life jacket, strong torch, reflective vest, whistle, radio."
        ),
        category="patrol",
        dangerous=True,
        checkpoints=(Place("East dyke"), Place("West dyke"), Place("Pumping station")),
        posts=(Post("dyke patrol", 4, 2), Post("duty log", 1, 1)),
        pattern="4x6",
        overlap=15,
        days=3,
        later=None,
    ),
)

_LOCKDOWN_ZH = Shipped(
    "小区封控",
    Playbook(
        kind="epidemic",
        operation="{unit}疫情防控",
        branch="{unit}疫情防控行动支部",
        mission="守好小区出入口，登记测温、代收物资、帮助老弱，昼夜不断岗。",
        title="{unit}卡口值守志愿者招募",
        content="在小区出入口测温、查验登记、维持秩序，代收并转交生活物资，为老人、病人和独居居民跑腿、买药。",
        risks=(
            "与人接触，有感染的可能；夜间气温低，久站易疲劳。请全程规范佩戴口罩、勤消毒，"
            "身体不适不要上岗；发热或为密切接触者请勿报名。"
        ),
        kit="自带：保暖衣物、水杯、身份证。现场发放：N95 口罩、手套、面屏、免洗洗手液、红马甲、热水和姜茶。",
        category="checkpoint-duty",
        dangerous=False,
        checkpoints=(
            Place("东门"),
            Place("南门"),
            Place("西门"),
            Place("北门"),
            Place("物资交接点"),
        ),
        posts=(Post("测温登记", 3, 1),),
        pattern="3x8",
        overlap=0,
        days=7,
        later=None,
    ),
)
_LOCKDOWN_EN = Shipped(
    "Community lock-down",
    Playbook(
        kind="epidemic",
        operation="{unit} epidemic response",
        branch="{unit} Epidemic Action Branch",
        mission="Keep the gates of the community, register and take temperatures, pass on goods, help the frail.",
        title="{unit}: volunteers for the checkpoints",
        content=(
            "At the gates, take temperatures, check and register, keep order, receive and pass on daily goods, "
            "and run errands and fetch medicine for the old, the ill and those who live alone."
        ),
        risks=(
            "Contact with people, so infection is possible; cold nights and long standing. Wear the mask properly "
            "throughout, disinfect often, and do not come if you feel ill, have a fever or are a close contact."
        ),
        kit=(
            "Bring: warm clothes, a cup, your ID card. "
            "Handed out: N95 masks, gloves, face shield, hand rub, red vest, hot water and ginger tea."
        ),
        category="checkpoint-duty",
        dangerous=False,
        checkpoints=(
            Place("East Gate"),
            Place("South Gate"),
            Place("West Gate"),
            Place("North Gate"),
            Place("Goods hand-over"),
        ),
        posts=(Post("registration", 3, 1),),
        pattern="3x8",
        overlap=0,
        days=7,
        later=None,
    ),
)

_SAMPLING_ZH = Shipped(
    "采样点",
    Playbook(
        kind="epidemic",
        operation="{unit}全员筛查",
        branch="{unit}采样保障行动支部",
        mission="保障采样点有序运转：排队不聚集、登记不漏人、老弱先采。",
        title="{unit}采样点志愿者招募",
        content="引导排队、保持间距，扫码登记和核对名单，为老弱孕开绿色通道；医护人员负责采样，其他人不得代替。",
        risks=(
            "人员密集，有感染的可能；室外久站，注意防暑或防寒。登记、引导岗佩戴 N95 口罩，"
            "采样岗按医护要求着防护服；接触样本的岗位只由持证医护担任。"
        ),
        kit="自带：身份证、水杯、充电宝。现场发放：N95 口罩、手套、面屏、防护服（采样岗）、扩音器、消毒用品。",
        category="screening",
        dangerous=False,
        checkpoints=(Place("一号采样点"), Place("二号采样点")),
        posts=(Post("采样", 2, 1, "医护"), Post("登记", 3, 2), Post("秩序引导", 3, 2)),
        pattern="06:30-10:30, 10:30-14:30, 14:30-18:30",
        overlap=15,
        days=2,
        later=None,
    ),
)
_SAMPLING_EN = Shipped(
    "Sampling site",
    Playbook(
        kind="epidemic",
        operation="{unit} screening",
        branch="{unit} Sampling Action Branch",
        mission="Keep the sampling sites in order: no crowding, nobody left out, the old and the frail first.",
        title="{unit}: volunteers for the sampling site",
        content=(
            "Guide the queue and keep distances, scan and register, check the list, and lead the old, the frail and "
            "the pregnant to the fast lane. Medical staff take the samples; nobody else stands in for them."
        ),
        risks=(
            "Many people, so infection is possible; long standing outdoors in heat or cold. Registration and order "
            "wear an N95 mask, sampling wears protective clothing; samples are touched by medical staff only."
        ),
        kit=(
            "Bring: ID card, a cup, power bank. Handed out: N95 masks, gloves, face shield, protective clothing "
            "(sampling), loudhailer, disinfectant."
        ),
        category="screening",
        dangerous=False,
        checkpoints=(Place("Sampling site 1"), Place("Sampling site 2")),
        posts=(Post("sampling", 2, 1, "医护"), Post("registration", 3, 2), Post("order", 3, 2)),
        pattern="06:30-10:30, 10:30-14:30, 14:30-18:30",
        overlap=15,
        days=2,
        later=None,
    ),
)

_SNOW_ZH = Shipped(
    "扫雪除冰",
    Playbook(
        kind="snow",
        operation="{unit}扫雪除冰",
        branch="{unit}扫雪除冰行动支部",
        mission="先通主路、坡道和出入口，保学校、医院、菜场门前畅通，给独居老人送一条出门的路。",
        title="{unit}扫雪除冰志愿者招募",
        content="清扫主路、坡道、台阶和出入口的积雪，撒融雪剂，铺防滑垫；清理树枝和棚顶积雪只由专业人员进行。",
        risks=(
            "路面结冰易滑倒摔伤，有坠冰、冻伤和来往车辆的危险。穿防滑鞋、反光背心，不站在屋檐和大树下，"
            "不上屋顶；作业路段有人看护车辆，每小时轮换取暖。"
        ),
        kit="自带：防滑鞋、厚手套、帽子、保温杯。现场发放：铁锹、推雪板、融雪剂、反光背心、警示锥、热水。",
        category="clearing",
        dangerous=True,
        checkpoints=(Place("主干道"), Place("学校门口"), Place("菜场门口")),
        posts=(Post("扫雪", 6, 3), Post("交通看护", 1, 1)),
        pattern="05:00-08:00, 08:00-11:00, 13:00-16:00, 16:00-19:00",
        overlap=0,
        days=2,
        later=Later(1, 480),
    ),
)
_SNOW_EN = Shipped(
    "Snow clearing",
    Playbook(
        kind="snow",
        operation="{unit} snow clearing",
        branch="{unit} Snow Action Branch",
        mission="Main roads, slopes and gates first; school, clinic and market open; a path for those who live alone.",
        title="{unit}: volunteers to clear the snow",
        content=(
            "Clear roads, slopes, steps and gates, spread de-icer, lay mats. Branches of trees and snow on roofs are "
            "left to professionals."
        ),
        risks=(
            "Ice underfoot, falling ice, frostbite and passing cars. Wear shoes with grip and a reflective vest, keep "
            "away from eaves and trees, stay off roofs; somebody watches the traffic, and everyone warms up each hour."
        ),
        kit=(
            "Bring: shoes with grip, thick gloves, hat, flask. "
            "Handed out: shovels, snow pushers, de-icer, reflective vests, cones, hot water."
        ),
        category="clearing",
        dangerous=True,
        checkpoints=(Place("Main road"), Place("School gate"), Place("Market gate")),
        posts=(Post("clearing", 6, 3), Post("traffic watch", 1, 1)),
        pattern="05:00-08:00, 08:00-11:00, 13:00-16:00, 16:00-19:00",
        overlap=0,
        days=2,
        later=Later(1, 480),
    ),
)

SHIPPED: dict[str, dict[str, Shipped]] = {
    "flood-watch": {"zh_CN": _FLOOD_ZH, "en": _FLOOD_EN},
    "community-lock-down": {"zh_CN": _LOCKDOWN_ZH, "en": _LOCKDOWN_EN},
    "sampling-site": {"zh_CN": _SAMPLING_ZH, "en": _SAMPLING_EN},
    "snow-clearing": {"zh_CN": _SNOW_ZH, "en": _SNOW_EN},
}
"""By key and language."""
