"""python -m services.habilitation run | schedule | migrate | …."""

from services.habilitation.app import build
from services.habilitation.settings import HabilitationSettings
from shared.cli import main

if __name__ == "__main__":
    main(build, HabilitationSettings)
