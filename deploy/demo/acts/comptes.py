"""Accounts of partners: an administrateur makes his colleague's; it is closed, and reopened."""

from datetime import timedelta

from deploy.demo.gestures import come_in, come_in_first
from deploy.demo.people import AMINA, INES, OTHER_CONVENTION
from deploy.demo.stage import DemoFailed, Stage
from shared.contracts import identity as contracts
from shared.contracts.notifications import MailDeferred, MailSent


async def personalise(stage: Stage, identifiant: str, provisoire: str) -> str:
    """She comes in, once with the temporary password, then with her own; returns the session."""
    stage.screen.title("Première connexion et personnalisation")
    stage.screen.step(f"{AMINA} se connecte avec son mot de passe provisoire (HTTP)")
    first = await come_in(stage, identifiant, provisoire)
    for essai, odd in (("un sigle monétaire", "Prairie€48-Lune"), ("son nom", "Durand-48-Lune")):
        stage.screen.step(f"Elle essaie un mot de passe avec {essai}")
        body = {"nouveau_mot_de_passe": odd}
        await stage.refused("POST", "/password", body, first["token"])
    stage.screen.step("Elle en choisit un autre, puis se connecte avec")
    await stage.done("POST", "/password", {"nouveau_mot_de_passe": AMINA.chosen}, first["token"])
    await stage.fact(contracts.PasswordChanged.TYPE, user_id=first["user_id"])
    second = await come_in(stage, identifiant, AMINA.chosen)
    session: str = second["token"]
    stage.screen.step("Le mot de passe provisoire ne sert plus")
    await stage.refused(
        "POST", "/sessions", {"identifiant": identifiant, "mot_de_passe": provisoire}
    )
    return session


async def deferred_mail(stage: Stage, session: str) -> tuple[str, str]:
    """The mail server defers, then takes; returns the new person's id and her identifiant."""
    stage.screen.step(f"{AMINA} n’est rien dans la convention {OTHER_CONVENTION}")
    await stage.refused("POST", "/users", INES.form(OTHER_CONVENTION), session)
    stage.screen.step(f"Elle crée le compte d’{INES} (HTTP) ; le serveur de mail diffère (451)")
    stage.platform.sink.behave("451", recipient=INES.mail)
    created = await stage.done("POST", "/users", INES.form(), session)
    user_id: str = created["user_id"]
    await stage.fact(contracts.UserCreated.TYPE, user_id=user_id)
    for _ in range(2):
        await stage.fact(MailDeferred.TYPE, user_id=user_id)
    stage.screen.step("Le serveur de mail se reprend ; l’horloge avance d’une minute")
    stage.platform.sink.behave_well()
    stage.pass_time(timedelta(minutes=1, seconds=30))
    identifiant, provisoire = await stage.credentials_of(INES.mail)
    for _ in range(2):
        await stage.fact(MailSent.TYPE, user_id=user_id)
    stage.screen.step(f"{INES} se connecte et choisit son mot de passe")
    await come_in_first(stage, identifiant, provisoire, INES.chosen)
    return user_id, identifiant


async def close_and_reopen(stage: Stage, user_id: str, identifiant: str, session: str) -> None:
    """A closed account opens nothing, at once; reopened, it does again."""
    stage.screen.title("Un compte est clos, puis rouvert")
    hers = (await come_in(stage, identifiant, INES.chosen))["token"]
    stage.screen.step(f"{AMINA} clôt le compte d’{INES}, qui est connectée")
    await stage.done("POST", f"/users/{user_id}/closing", {}, session)
    await stage.fact(contracts.UserClosed.TYPE, user_id=user_id)
    await stage.refused("GET", "/me", session=hers)
    await stage.refused(
        "POST", "/sessions", {"identifiant": identifiant, "mot_de_passe": INES.chosen}
    )
    await show_listed(stage, session)
    await stage.mail(INES.mail, "clôturé")
    stage.screen.step(f"Elle le rouvre : {INES} se connecte comme avant")
    await stage.done("POST", f"/users/{user_id}/reopening", None, session)
    await stage.fact(contracts.UserReopened.TYPE, user_id=user_id)
    await stage.mail(INES.mail, "de nouveau ouvert")
    await come_in(stage, identifiant, INES.chosen)


async def show_listed(stage: Stage, session: str) -> None:
    """The list of people as an administrateur sees it: a closed one's address is not shown."""
    page = await stage.done("GET", f"/users?nom={INES.nom}", session=session)
    [line] = page["users"]
    if line["mail"] != "Désactivé":
        raise DemoFailed(f"l’adresse d’un compte clos se lit encore : {line}")
    stage.screen.saw("liste", f"{line['prenom']} {line['nom']}, {line['etat']}, {line['mail']}")
