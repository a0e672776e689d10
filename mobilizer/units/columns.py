"""The columns of a list of units, and what people call them."""

from flask_babel import lazy_gettext as _l

from mobilizer.intake import Field

FIELDS = (
    Field(
        "code",
        _l("Code"),
        ("代码", "区划代码", "统计用区划代码", "单位代码", "行政区划代码", "编码", "编号", "unit code"),
        required=True,
    ),
    Field(
        "name",
        _l("Name"),
        ("名称", "单位名称", "区划名称", "单位", "村(社区)名称", "unit name", "unit"),
        required=True,
    ),
    Field("level", _l("Level"), ("级别", "层级", "类型", "单位级别", "类别", "type")),
    Field(
        "parent_code",
        _l("Code of the unit above"),
        (
            "上级代码",
            "父级代码",
            "上级区划代码",
            "上级单位代码",
            "父级",
            "上级",
            "所属上级代码",
            "parent",
            "streetCode",
            "areaCode",
        ),
    ),
)
