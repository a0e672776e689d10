from flask import Blueprint

blueprint = Blueprint("signups", __name__)
