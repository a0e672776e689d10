"""create_app() and nothing else; nobody imports from here."""

import os
import secrets
from collections.abc import Mapping
from datetime import timedelta

from flask import Flask, g
from flask_login import current_user
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix


def create_app(environ: Mapping[str, str] | None = None) -> Flask:
    """The application as the environment (os.environ unless given) sets it up.

    Raises config.Misconfigured. Makes the instance folder and the secret key; opens no connection.
    """
    from mobilizer import (
        answers,
        assets,
        bodies,
        cli,
        config,
        filters,
        health,
        languages,
        maps,
        navigation,
        policy,
        terms,
        text_size,
        web,
    )
    from mobilizer.accounts import passkey_views, session
    from mobilizer.accounts import views as accounts
    from mobilizer.activations import views as activations
    from mobilizer.attendance import (
        checking_in_views,
        own_code_views,
        poster_views,
        screen_views,
        taking_over_views,
    )
    from mobilizer.attendance import views as attendance
    from mobilizer.branches import views as branches
    from mobilizer.calendars import views as calendars
    from mobilizer.calls import views as calls
    from mobilizer.certificates import bundle, issuing_views, verifying_views
    from mobilizer.certificates import views as certificates
    from mobilizer.chains import views as chains
    from mobilizer.changes import views as changes
    from mobilizer.coverage import cell_views as coverage_cells
    from mobilizer.coverage import views as coverage
    from mobilizer.extensions import babel, compress, csrf, db, listen_to, login_manager, migrate
    from mobilizer.home import views as home
    from mobilizer.hours import (
        away_views,
        claim_views,
        closing_views,
        correction_request_views,
        my_claim_views,
        verification_views,
    )
    from mobilizer.hours import sheet_views as record_sheets
    from mobilizer.hours import views as hours
    from mobilizer.imports import views as imports
    from mobilizer.jobs import kinds
    from mobilizer.jobs import views as jobs
    from mobilizer.joining import leading_views as joined
    from mobilizer.joining import views as joining
    from mobilizer.members import passkey_views as member_passkeys
    from mobilizer.members import skill_views
    from mobilizer.members import views as members
    from mobilizer.notices import views as notices
    from mobilizer.offline import views as offline
    from mobilizer.participation import (
        cover_views,
        exporting,
        file_views,
        public_views,
        record_views,
        saved_views,
    )
    from mobilizer.participation import views as participation
    from mobilizer.playbooks import views as playbooks
    from mobilizer.privacy import views as privacy
    from mobilizer.shifts import copying_views, lay_out_views, sheet_views
    from mobilizer.shifts import views as shifts
    from mobilizer.signups import asking_views, call_views, feedback_views, leading_views, waiting_views
    from mobilizer.signups import views as signups

    settings = config.load(os.environ if environ is None else environ)
    app = Flask(__name__, instance_path=settings["INSTANCE_PATH"], static_folder=None)
    app.config.update(settings)
    app.permanent_session_lifetime = timedelta(days=settings["LOG_IN_DAYS"])
    app.wsgi_app = bodies.WholeBodies(app.wsgi_app)  # type: ignore[method-assign]
    if settings["PROXIES"]:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings["PROXIES"], x_proto=settings["PROXIES"])  # type: ignore[method-assign]

    kinds.declare(exporting.kind(settings["HOURS_FILE"]))
    db.init_app(app)
    with app.app_context():
        listen_to(db.engine, busy_ms=settings["SQLITE_BUSY_MS"], synchronous=settings["SQLITE_SYNCHRONOUS"])
    migrate.init_app(app, directory=f"{app.root_path}/migrations")
    login_manager.init_app(app)
    login_manager.session_protection = None  # a phone's address changes on its way
    login_manager.user_loader(session.load)
    csrf.init_app(app)
    compress.init_app(app)
    app.config["LANGUAGES"] = languages.LANGUAGES
    babel.init_app(app, locale_selector=languages.choose)

    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        asset=assets.asset,
        htmx_scripts=assets.htmx_scripts,
        can=web.can,
        in_wechat=web.in_wechat,
        map_addresses=maps.links,
        Permission=policy.Permission,
        LABELS=terms.LABELS,
        operation_key=lambda: secrets.token_urlsafe(12),
    )
    filters.register(app)
    answers.register(app)
    kinds.declare(bundle.KIND)

    @app.context_processor
    def frame() -> dict[str, object]:
        asking = web.reader()
        g.reader_mark = web.mark_of(asking) if asking else "-"
        return {
            "reader": current_user,
            "reader_mark": g.reader_mark,
            "navigation": navigation.navigation(),
            "locale": languages.current(),
            "language_links": languages.links(),
            "text_size": text_size.current(),
            "text_size_link": text_size.link(),
        }

    for blueprint in (
        assets.blueprint,
        health.blueprint,
        accounts.blueprint,
        passkey_views.blueprint,
        home.blueprint,
        notices.blueprint,
        jobs.blueprint,
        imports.blueprint,
        members.blueprint,
        skill_views.blueprint,
        member_passkeys.blueprint,
        branches.blueprint,
        activations.blueprint,
        calls.blueprint,
        shifts.blueprint,
        sheet_views.blueprint,
        copying_views.blueprint,
        lay_out_views.blueprint,
        playbooks.blueprint,
        signups.blueprint,
        chains.blueprint,
        asking_views.blueprint,
        feedback_views.blueprint,
        leading_views.blueprint,
        waiting_views.blueprint,
        call_views.blueprint,
        joining.blueprint,
        joined.blueprint,
        calendars.blueprint,
        changes.blueprint,
        attendance.blueprint,
        taking_over_views.blueprint,
        checking_in_views.blueprint,
        own_code_views.blueprint,
        screen_views.blueprint,
        poster_views.blueprint,
        coverage.blueprint,
        coverage_cells.blueprint,
        hours.blueprint,
        claim_views.blueprint,
        my_claim_views.blueprint,
        correction_request_views.blueprint,
        closing_views.blueprint,
        record_sheets.blueprint,
        verification_views.blueprint,
        away_views.blueprint,
        certificates.blueprint,
        issuing_views.blueprint,
        verifying_views.blueprint,
        participation.blueprint,
        record_views.blueprint,
        file_views.blueprint,
        saved_views.blueprint,
        public_views.blueprint,
        cover_views.blueprint,
        offline.blueprint,
        privacy.blueprint,
    ):
        app.register_blueprint(blueprint)
    if settings["OIDC_ISSUER"]:
        from mobilizer.accounts import oidc_views

        app.register_blueprint(oidc_views.blueprint)
    cli.register(app)
    return app
