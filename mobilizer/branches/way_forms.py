"""What a branch says is enough to be checked in, as it is typed. The bounds are the database's."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField
from wtforms.validators import NumberRange, Optional

from mobilizer.branches.ways import Ways
from mobilizer.inputs import WholeNumber


class WaysForm(FlaskForm):
    poster_enough = BooleanField(_l("The poster at the checkpoint"))
    screen_code_enough = BooleanField(_l("The code on the leader’s screen, which changes every 30 seconds"))
    own_code_enough = BooleanField(_l("The member’s own code, scanned by the leader"))
    poster_radius_m = WholeNumber(
        _l("How near for the poster"), [Optional(), NumberRange(50, 50_000, _l("From %(min)s to %(max)s."))]
    )

    @property
    def ways(self) -> Ways:
        return Ways(**{name: self[name].data for name in Ways._fields})
