"""swaks, an SMTP client that is not ours: it says every command and shows every answer."""

from dataclasses import dataclass
from pathlib import Path

from tests.interop.tools import find, run

FROM = "ne-pas-repondre@mcp.example"
BOUND_S = "10"
"""How long swaks waits for one answer; assumed."""


@dataclass(frozen=True)
class Spoken:
    """Exit code (0 where the mail was taken) and the whole conversation."""

    code: int
    transcript: str

    def refusals(self) -> list[str]:
        """The answers that refused: swaks marks them `<**` in clear and `<~*` within TLS."""
        lines = self.transcript.splitlines()
        return [line[3:].strip() for line in lines if line.startswith(("<**", "<~*"))]


def speak(
    address: str,
    *,
    to: str,
    content: Path | None = None,
    authority: Path | None = None,
    login: tuple[str, str, str] | None = None,
) -> Spoken:
    """Send one mail, its own or this one, to `host:port`.

    Shapes:  with an `authority`, through a STARTTLS whose certificate it checks;
             `login` is mechanism, user, password
    """
    swaks = find("swaks", "swaks")
    options: list[str | Path] = ["--server", address, "--from", FROM, "--to", to]
    options += ["--timeout", BOUND_S]
    if content is not None:
        options += ["--data", f"@{content}"]
    if authority is not None:
        options += ["--tls", "--tls-verify", "--tls-ca-path", authority]
    if login is not None:
        mechanism, user, password = login
        options += ["--auth", mechanism, "--auth-user", user, "--auth-password", password]
    done = run([swaks, *options])
    return Spoken(done.returncode, done.stdout + done.stderr)
