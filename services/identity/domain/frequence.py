"""How often what makes us write may be asked about one account in an hour."""

MOST_RESETS = 3
"""New temporary passwords of one person (assumed: nobody fills another's mailbox)."""
MOST_IDENTIFIANTS = 3
"""Mails of one person's identifiant (assumed: as many as of passwords)."""
MOST_ADDRESSES = 3
"""New addresses of one person, each of which is written to, be it a stranger's (assumed)."""
MOST_INCIDENTS = 10
"""Incidents that one person reports, each of which is a mail to the Caf (assumed: whoever has more
to tell in an hour tells it in one)."""
