"""The story: an account is opened, its owner comes in; a refusal, a bad record, a day too late."""

from datetime import timedelta

from deploy.demo.stage import DemoFailed, Stage
from shared.contracts import habilitation
from shared.contracts import identity as contracts
from shared.contracts.comptes import Poste
from shared.contracts.notifications import MailDeferred, MailExpired, MailSent
from shared.ids import draw_id

AGENT = "zoe.martin@caf.exemple.fr"
DURAND = "amina.durand@ville.exemple.fr"
PETIT = "louis.petit@ville.exemple.fr"
AGENT_PASSWORD = "Agent-de-la-Caf-93"  # noqa: S105 - of an invented person
CAF, CONVENTION = "931", "19_214"
"""The form of a convention number, as an example [seed 002]."""


async def play(stage: Stage) -> None:
    """Play it all; raises as soon as the platform does not do what the story says."""
    agent = await first_agent(stage)
    await open_convention(stage)
    token = await command_token(stage, agent)
    credentials = await open_account(stage, token)
    await refuse_second_account(stage, token)
    await park_bad_record(stage, token)
    await personalise(stage, *credentials)
    await come_a_day_late(stage, token)


async def first_agent(stage: Stage) -> str:
    """An operator makes the first Caf agent, who signs in; returns his session."""
    stage.screen.title("Le premier agent de la Caf")
    stage.screen.step("L’exploitant crée le premier agent : services.identity bootstrap")
    done = await stage.platform.run_command(
        "identity", "bootstrap", "--nom", "Martin", "--prenom", "Zoé", "--mail", AGENT, "--caf", CAF
    )
    if done.exit_code:
        raise DemoFailed(done.stdout + done.stderr)
    await stage.fact(contracts.UserCreated.TYPE, mail=AGENT)
    identifiant, provisoire = await stage.credentials_of(AGENT)
    stage.screen.step("Zoé Martin se connecte et choisit son mot de passe (HTTP)")
    return await sign_in_and_choose(stage, identifiant, provisoire, AGENT_PASSWORD)


async def sign_in_and_choose(stage: Stage, identifiant: str, provisoire: str, choisi: str) -> str:
    """First sign-in, personalisation, sign-in with the new password; returns the session."""
    first = await stage.done(
        "POST", "/sessions", {"identifiant": identifiant, "mot_de_passe": provisoire}
    )
    if not first["must_change_password"]:
        raise DemoFailed("un mot de passe provisoire n’ouvre que la personnalisation")
    await stage.fact(contracts.SignedIn.TYPE, user_id=first["user_id"])
    await stage.done("POST", "/password", {"nouveau_mot_de_passe": choisi}, first["token"])
    await stage.fact(contracts.PasswordChanged.TYPE, user_id=first["user_id"])
    second = await stage.done(
        "POST", "/sessions", {"identifiant": identifiant, "mot_de_passe": choisi}
    )
    await stage.fact(contracts.SignedIn.TYPE, user_id=first["user_id"], must_change_password=False)
    session: str = second["token"]
    return session


async def open_convention(stage: Stage) -> None:
    """habilitation, played here, tells that a convention is open; identity knows it."""
    stage.screen.step(f"habilitation ouvre la convention {CONVENTION} : Mairie de Valfleury")
    await stage.platform.habilitation.open_convention(CONVENTION)
    await stage.fact(habilitation.ConventionOpened.TYPE, convention_id=CONVENTION)
    await stage.platform.habilitation.known_to("identity")


async def command_token(stage: Stage, session: str) -> str:
    """The agent's token for the commands of identity, five minutes long."""
    given = await stage.done("POST", "/tokens", {"audience": contracts.COMMANDS}, session)
    token: str = given["access_token"]
    return token


async def open_account(stage: Stage, token: str) -> tuple[str, str]:
    """A command on the topic opens an account; two separate mails follow, each with a secret."""
    stage.screen.title("Un compte est ouvert par une commande sur Kafka")
    stage.screen.step(
        f"CreateUser sur {contracts.COMMANDS} : Amina Durand, convention {CONVENTION}"
    )
    user_id = draw_id()
    await stage.command(
        contracts.CreateUser(
            user_id=user_id,
            convention_id=CONVENTION,
            nom="Durand",
            prenom="Amina",
            mail=DURAND,
            poste=Poste.ITINERANT,
        ),
        token,
    )
    await stage.fact(contracts.UserCreated.TYPE, user_id=user_id)
    await stage.fact(contracts.IdentifiantIssued.TYPE, user_id=user_id)
    await stage.fact(contracts.TemporaryPasswordIssued.TYPE, user_id=user_id)
    stage.screen.step("notifications écrit à Amina Durand, en deux mails")
    credentials = await stage.credentials_of(DURAND)
    for _ in range(2):
        await stage.fact(MailSent.TYPE, user_id=user_id)
    return credentials


async def refuse_second_account(stage: Stage, token: str) -> None:
    """A refusal is a result: told on its topic, in French, with a stable code."""
    stage.screen.title("Une commande refusée")
    stage.screen.step("CreateUser encore, avec la même adresse mail")
    id = await stage.command(
        contracts.CreateUser(
            user_id=draw_id(),
            convention_id=CONVENTION,
            nom="Durant",
            prenom="Amina",
            mail=DURAND.upper(),
        ),
        token,
    )
    refused = await stage.fact(contracts.CommandRefused.TYPE, command_id=id)
    stage.screen.saw("refus", f"{refused['message']} ({refused['code']})")


async def park_bad_record(stage: Stage, token: str) -> None:
    """A record that breaks the contract is kept, whole, with its reason; the others go on."""
    stage.screen.title("Un enregistrement illisible")
    stage.screen.step("Un JSON coupé arrive sur le topic des commandes")
    id = draw_id()
    headers = {
        "ce_specversion": "1.0",
        "ce_id": id,
        "ce_type": contracts.CreateUser.TYPE,
        "ce_source": "/demo",
        "authorization": f"Bearer {token}",
    }
    await stage.record(contracts.COMMANDS, "cassé", headers, b'{"user_id": "u-1", "nom": ')
    found = await stage.screen.waiting(
        "j’attends le rebut",
        stage.follower.wait_for(
            lambda record: (
                record.topic.endswith("identity.dead-letters") and record.header("ce_id") == id
            ),
            15,
            "dead letter",
        ),
    )
    stage.screen.saw("rebut", f"raison {found.header('dl_reason')}, jeton retiré")
    listed = await stage.platform.run_command("identity", "dead-letters", "list")
    if listed.exit_code or id not in listed.stdout:
        raise DemoFailed(listed.stdout + listed.stderr)
    for line in listed.stdout.strip().splitlines():
        stage.screen.saw("liste", line.rstrip())


async def personalise(stage: Stage, identifiant: str, provisoire: str) -> None:
    """The person comes in, once with the temporary password, then with her own."""
    stage.screen.title("Première connexion et personnalisation")
    stage.screen.step("Amina Durand se connecte avec son mot de passe provisoire (HTTP)")
    first = await stage.done(
        "POST", "/sessions", {"identifiant": identifiant, "mot_de_passe": provisoire}
    )
    await stage.fact(contracts.SignedIn.TYPE, user_id=first["user_id"])
    stage.screen.step("Elle essaie un mot de passe avec un sigle monétaire")
    refused = {"nouveau_mot_de_passe": "Sesame€2026"}
    await stage.refused("POST", "/password", refused, first["token"])
    stage.screen.step("Elle en choisit un autre, puis se connecte avec")
    chosen = {"nouveau_mot_de_passe": "Sesame!2026"}
    await stage.done("POST", "/password", chosen, first["token"])
    await stage.fact(contracts.PasswordChanged.TYPE, user_id=first["user_id"])
    second = await stage.done(
        "POST", "/sessions", {"identifiant": identifiant, "mot_de_passe": "Sesame!2026"}
    )
    await stage.fact(contracts.SignedIn.TYPE, user_id=first["user_id"], must_change_password=False)
    view = await stage.done("GET", f"/users/{second['user_id']}", session=second["token"])
    stage.screen.saw("compte", f"{view['prenom']} {view['nom']}, {view['etat']}")
    stage.screen.step("Le mot de passe provisoire ne sert plus")
    await stage.refused(
        "POST", "/sessions", {"identifiant": identifiant, "mot_de_passe": provisoire}
    )


async def come_a_day_late(stage: Stage, token: str) -> None:
    """Twenty-four hours pass: the temporary password expires, a late mail is not sent."""
    stage.screen.title("Vingt-quatre heures passent")
    stage.screen.step("CreateUser : Louis Petit ; le serveur de mail diffère tout (451)")
    stage.platform.sink.behave("451", recipient=PETIT)
    user_id = draw_id()
    await stage.command(
        contracts.CreateUser(
            user_id=user_id,
            convention_id=CONVENTION,
            nom="Petit",
            prenom="Louis",
            mail=PETIT,
        ),
        token,
    )
    await stage.fact(contracts.UserCreated.TYPE, user_id=user_id)
    for _ in range(2):
        await stage.fact(MailDeferred.TYPE, user_id=user_id)
    stage.screen.step("L’horloge de la plateforme avance de 24 heures et une minute")
    stage.pass_time(timedelta(hours=24, minutes=1))
    await stage.fact(contracts.TemporaryPasswordExpired.TYPE, user_id=user_id)
    for _ in range(2):
        await stage.fact(MailExpired.TYPE, user_id=user_id)
    stage.platform.sink.behave_well()
    stage.screen.step("Rien n’est envoyé trop tard")
    if any(mail.recipients == (PETIT,) for mail in stage.platform.mails()):
        raise DemoFailed("un secret périmé a été envoyé")
    stage.screen.saw("mail", f"aucun à {PETIT}")
