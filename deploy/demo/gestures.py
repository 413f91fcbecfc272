"""What people of the demo do more than once: come in, choose a password, take a token."""

from typing import Any

from deploy.demo.people import Person
from deploy.demo.stage import DemoFailed, Stage
from shared.contracts import habilitation
from shared.contracts import identity as contracts
from shared.contracts.identity_commands import COMMANDS
from shared.contracts.topics import USER_LIFECYCLE


async def first_agent(stage: Stage, person: Person, caf: str) -> str:
    """An operator makes the first agent of a Caf, who signs in; returns the session."""
    stage.screen.step(f"L’exploitant crée {person}, premier agent de la Caf {caf}")
    who = ("--nom", person.nom, "--prenom", person.prenom, "--mail", person.mail, "--caf", caf)
    done = await stage.platform.run_command("identity", "bootstrap", *who)
    if done.exit_code:
        raise DemoFailed(done.stdout + done.stderr)
    await stage.fact(contracts.UserCreated.TYPE, mail=person.mail)
    identifiant, provisoire = await stage.credentials_of(person.mail)
    stage.screen.step(f"{person} se connecte et choisit son mot de passe (HTTP)")
    session = await come_in_first(stage, identifiant, provisoire, person.chosen)
    await stage.known(habilitation.SERVICE, USER_LIFECYCLE)
    return session


async def come_in(stage: Stage, identifiant: str, password: str) -> dict[str, Any]:
    """Sign in; returns what the portal is told of the session."""
    body = {"identifiant": identifiant, "mot_de_passe": password}
    opened: dict[str, Any] = await stage.done("POST", "/sessions", body)
    await stage.fact(contracts.SignedIn.TYPE, user_id=opened["user_id"])
    return opened


async def come_in_first(stage: Stage, identifiant: str, provisoire: str, chosen: str) -> str:
    """Sign in with a temporary password, choose one, sign in with it; returns the session."""
    first = await come_in(stage, identifiant, provisoire)
    if not first["must_change_password"]:
        raise DemoFailed("un mot de passe provisoire n’ouvre que la personnalisation")
    await stage.done("POST", "/password", {"nouveau_mot_de_passe": chosen}, first["token"])
    await stage.fact(contracts.PasswordChanged.TYPE, user_id=first["user_id"])
    session: str = (await come_in(stage, identifiant, chosen))["token"]
    return session


async def command_token(stage: Stage, session: str) -> str:
    """A token for the commands of identity, five minutes long."""
    given = await stage.done("POST", "/tokens", {"audience": COMMANDS}, session)
    token: str = given["access_token"]
    return token
