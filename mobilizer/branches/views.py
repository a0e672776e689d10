from flask import Blueprint

blueprint = Blueprint("branches", __name__)
