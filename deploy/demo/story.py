"""The story: who comes in which order, from the first agent to a day too late."""

from deploy.demo.acts.comptes import close_and_reopen, deferred_mail, personalise
from deploy.demo.acts.connexion import change_mail, forget_password, guess_too_often
from deploy.demo.acts.conventions import (
    designate,
    look_from_elsewhere,
    register,
    sign_afas,
    sign_cdap,
)
from deploy.demo.acts.groupes import attach, begin_afas, open_groupe, refuse
from deploy.demo.acts.kafka import (
    come_a_day_late,
    open_account,
    park_bad_record,
    refuse_second_account,
)
from deploy.demo.gestures import command_token, first_agent
from deploy.demo.people import CAF, ZOE
from deploy.demo.stage import Stage


async def play(stage: Stage) -> None:
    """Play it all; raises as soon as the platform does not do what the story says."""
    stage.screen.title("Le premier agent de la Caf")
    agent = await first_agent(stage, ZOE, CAF)
    amina, session = await contract(stage, agent)
    await command(stage, agent)
    ines, hers = await habilitate(stage, agent, amina, session)
    await close_and_reopen(stage, ines, hers, session)
    await guess_too_often(stage, hers)
    await forget_password(stage, ines, hers)
    await change_mail(stage, amina, session)
    await come_a_day_late(stage, await command_token(stage, agent))


async def contract(stage: Stage, agent: str) -> tuple[str, str]:
    """The Caf signs with an organisme; its administratrice comes in; returns her, her session."""
    stage.screen.title("Un organisme, sa convention")
    await register(stage, agent)
    await sign_cdap(stage, agent)
    await look_from_elsewhere(stage)
    stage.screen.title("Une administratrice est désignée")
    amina, identifiant, provisoire = await designate(stage, agent)
    return amina, await personalise(stage, identifiant, provisoire)


async def command(stage: Stage, agent: str) -> None:
    """What another system does: commands on Kafka."""
    token = await command_token(stage, agent)
    await open_account(stage, token)
    await refuse_second_account(stage, token)
    await park_bad_record(stage, token)


async def habilitate(stage: Stage, agent: str, amina: str, session: str) -> tuple[str, str]:
    """The tutorial of the administratrice; returns whom she habilitates, her identifiant."""
    stage.screen.title("Le tutoriel de l’administratrice")
    t1 = await open_groupe(stage, session, "T1", "CDAP T1 Assistants sociaux", amina)
    ines, hers = await deferred_mail(stage, session)
    await attach(stage, session, t1, ines)
    t2 = await open_groupe(stage, session, "T2PE", "T2 Petite enfance", amina)
    await refuse(stage, session, ines, himself=amina, other_id=t2, t1_id=t1)
    groupes = await sign_afas(stage, agent, amina)
    await begin_afas(stage, session, ines, *groupes)
    return ines, hers
