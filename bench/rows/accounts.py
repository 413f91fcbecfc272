"""Accounts opened: CreateUser through the whole path, beside Keycloak's administration."""

from contextlib import ExitStack
from functools import partial

from bench.accounts import creation_records, draw_users, issue_token
from bench.cpu import CpuWatch
from bench.entitled import entitled_platform
from bench.figures import Figure, compare
from bench.keycloak.peer import CLIENTS, CREATED, Peer, running_peer
from bench.lanes import Lane, our_lane
from bench.load.plan import run_load
from bench.rounds import Measured, Series, alternate, cores_notes
from bench.rows.sign_ins import PASSWORD
from bench.scale import Scale
from bench.stage import Stage
from bench.timing import middle_rate
from bench.wire import Unfinished

BAR = 2.5
"""As for sign-ins: a hash is most of the work of both (assumed)."""
MOST_PER_S = 200
"""More than any hash of these parameters allows on two cores."""


async def measure(stage: Stage, scale: Scale) -> list[Figure]:
    """Accounts a second, hash and seals included; without a peer, ours alone."""
    with ExitStack() as stack:
        peer = await running_peer(stage, stack) if scale.peers else None
        async with entitled_platform(stage) as platform:
            ours = partial(_ours, await our_lane(stage, platform), scale)
            if peer is None:
                (a,), b = await alternate(scale.rounds, ours), Series[float]()
                notes = []
            else:
                await _warm_up(peer, scale)
                a, b = await alternate(scale.rounds, ours, partial(_theirs, peer, scale))
                asked = f"POST /users, {CLIENTS} clients, {scale.sign_in_s:.0f} s par manche."
                notes = [peer.said, f"Ce qui lui est demandé : {asked}"]
    return [
        compare(
            "accounts_created",
            a.values,
            b.values,
            "comptes/s",
            bar=BAR,
            broker=stage.broker,
            notes=[
                f"{scale.created} commandes CreateUser par manche : un hachage, deux mails.",
                *notes,
                *cores_notes(a, b),
            ],
        )
    ]


async def _ours(lane: Lane, scale: Scale) -> Measured[float]:
    """Accounts per second of one round, with a fresh process."""
    await lane.open()
    try:
        await _feed(lane, scale.created // 10)
        return await _feed(lane, scale.created)
    finally:
        await lane.close()


async def _feed(lane: Lane, count: int) -> Measured[float]:
    """So many accounts, whose commands all lie there when identity wakes up."""
    users, token = draw_users(count), issue_token(lane.signing_key)
    return await lane.carry(users, creation_records(lane.commands, users, token))


async def _warm_up(peer: Peer, scale: Scale) -> None:
    with peer.keycloak.awake():
        first = draw_users(1)
        await peer.create_all(first, PASSWORD)
        peer.check_hash(first[0])
        await _create(peer, scale.peer_warm_up_s)


async def _theirs(peer: Peer, scale: Scale) -> Measured[float]:
    """Accounts per second of one round of Keycloak."""
    with peer.keycloak.awake():
        watch = CpuWatch({"Keycloak": [peer.keycloak.pid]})
        moments = await _create(peer, scale.sign_in_s)
        return Measured(middle_rate(moments), watch.cores())


async def _create(peer: Peer, seconds: float) -> list[float]:
    """The moments when accounts were there."""
    asked = peer.realm.creations(draw_users(int(seconds * MOST_PER_S)), PASSWORD)
    told = await run_load("http_clients", asked.plan(CLIENTS, seconds, once=True))
    if set(told["statuses"]) != {str(CREATED)}:
        raise Unfinished(f"Keycloak: statuses {told['statuses']}")
    moments: list[float] = told["moments_s"]
    return moments
