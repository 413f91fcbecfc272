"""python -m services.identity run | schedule | migrate | … | bootstrap | service-account."""

from services.identity.app import build
from services.identity.operations import extend
from services.identity.settings import IdentitySettings
from shared.cli import main

if __name__ == "__main__":
    main(build, IdentitySettings, extend=extend)
