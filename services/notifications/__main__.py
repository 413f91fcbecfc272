"""Run notifications: python -m services.notifications run, and the commands of operators."""

from services.notifications.app import build
from services.notifications.operations import extend
from services.notifications.settings import NotificationsSettings
from shared.cli import main

if __name__ == "__main__":
    main(build, NotificationsSettings, extend=extend)
