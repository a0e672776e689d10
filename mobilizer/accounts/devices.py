"""What kind of device somebody uses, in a few words: its system and its browser, as its User-Agent names them.

Read for people's eyes alone, in the list of their own devices; no right hangs on it.
"""

from mobilizer.errors import N_

_SYSTEMS = (
    (("HarmonyOS", "OpenHarmony"), "HarmonyOS"),
    (("iPhone",), "iPhone"),
    (("iPad",), "iPad"),
    (("Android",), "Android"),
    (("Windows",), "Windows"),
    (("Macintosh", "Mac OS X"), "Mac"),
    (("CrOS",), "ChromeOS"),
    (("Linux",), "Linux"),
)
# The first that is named counts: nearly all of them name Chrome and Safari as well.
_BROWSERS = (
    (("wxwork/",), N_("WeCom")),
    (("MicroMessenger/",), N_("WeChat")),
    (("DingTalk/", "AliApp(DingTalk"), N_("DingTalk")),
    (("AlipayClient/",), N_("Alipay")),
    (("MQQBrowser/", "QQBrowser/"), N_("QQ Browser")),
    (("QQ/",), "QQ"),
    (("UCBrowser/", "UBrowser/"), N_("UC Browser")),
    (("HuaweiBrowser/", "ArkWeb/"), N_("Huawei Browser")),
    (("MiuiBrowser/",), N_("Xiaomi Browser")),
    (("VivoBrowser/",), N_("vivo Browser")),
    (("HeyTapBrowser/",), N_("OPPO Browser")),
    (("SamsungBrowser/",), N_("Samsung Browser")),
    (("Edg/", "EdgA/", "EdgiOS/"), "Edge"),
    (("OPR/",), "Opera"),
    (("Firefox/", "FxiOS/"), "Firefox"),
    (("Chrome/", "CriOS/"), "Chrome"),
    (("Safari/",), "Safari"),
)
BETWEEN = " · "


def words(user_agent: str) -> str:
    """Such as "iPhone · WeChat"; "" when it names nothing known. English names, to be translated where shown."""
    named = [
        next((name for marks, name in kinds if any(mark in user_agent for mark in marks)), None)
        for kinds in (_SYSTEMS, _BROWSERS)
    ]
    return BETWEEN.join(name for name in named if name)


def is_phone(user_agent: str) -> bool:
    """Whether it looks like a device that one person carries."""
    return any(mark in user_agent for mark in ("iPhone", "Android", "HarmonyOS", "OpenHarmony", "Mobile"))
