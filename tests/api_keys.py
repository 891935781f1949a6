"""Keys of every form, the places where they may lie, and the hosts that they may or may not reach."""

from __future__ import annotations

from rushes.credentials import Credentials, Secret, find_credentials
from rushes.provider import GOOGLE, GPTPROTO

GPTPROTO_URL = "https://api.gptproto.com"
ALIAS_URL = "https://gptproto.com"
GOOGLE_URL = "https://generativelanguage.googleapis.com"
UNKNOWN_URL = "https://videos.example"
LOOPBACK_URL = "http://127.0.0.1:8321"
PLAIN_KEY = "argument-key-0123456789"
GOOGLE_KEY = "AIzaSyArgumentKey0123456789012345678901"
GPTPROTO_KEY = "sk-argumentkey0123456789012345678901"
ENVIRONMENT = {name: f"{name.lower()}-of-the-environment" for name in ("GPTPROTO_API_KEY", "GEMINI_API_KEY")}
ENVIRONMENT["GOOGLE_API_KEY"] = "AIzaSyGoogleKeyOfTheEnvironment01234567"
COLAB = {name: f"{name.lower()}-of-colab" for name in (*GPTPROTO.key_variables, *GOOGLE.key_variables)}


def found(**arguments: str) -> Credentials:
    secret = Secret.wrap(arguments.pop("api_key", None))
    return find_credentials(secret=secret, **arguments)
