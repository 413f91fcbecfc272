"""G-30: what was withdrawn is refused elsewhere within a second, also under load; what may be
stale is refused at all.
"""

import time

import pytest

from bench.timing import percentile
from deploy.local.servers import Servers
from shared.contracts.habilitation import SERVICE
from shared.droits.chaine import Manque
from shared.droits.droits import STALE_S
from tests.faults.mode import pick
from tests.habilitation.builders import everywhere
from tests.habilitation.running import Running, put
from tests.harness.polling import eventually
from tests.shared.droits.revoking import Act, measure_acts, measure_revocations
from tests.shared.droits.running import CDAP, DEADLINE_S, Probe, open_valfleury, probing

TRIALS, DECIDED_TRIALS = pick(short=(20, 6), full=(200, 200))
SEEN_S = 1.0
"""Bar of the 99th percentile (G-30)."""

pytestmark = pytest.mark.long


@pytest.mark.timeout(pick(short=300, full=1_800))
async def test_revocation_is_seen_within_a_second(servers: Servers):
    async with probing(servers) as probe:
        seen = await measure_revocations(probe, TRIALS)
    assert seen.failures == []
    assert seen.answers > 50 * TRIALS
    assert percentile(seen.delays_s, 0.99) <= SEEN_S


@pytest.mark.timeout(pick(short=300, full=1_800))
async def test_revocation_decided_by_habilitation_is_seen_within_a_second(servers: Servers):
    """From the answer of its HTTP door on: committed, published, copied, decided."""
    async with probing(servers, (SERVICE,)) as probe:
        running = await _with_everybody(probe)

        def act(method: str, path: str, form: object = None) -> Act:
            async def ask() -> None:
                answer = await running.ask(method, f"/conventions/19_214/groupes/g1{path}", form)
                assert answer.is_success, answer.text

            return ask

        role, membre = {"service": CDAP, "profil": "T1"}, "/membres/membre/ending"
        acts = [
            (act("DELETE", "/role"), act("PUT", "/role", role)),
            (act("POST", membre, {}), act("POST", "/membres", {"user_id": "membre"})),
        ]
        seen = await measure_acts(probe, acts, DECIDED_TRIALS)
    assert seen.failures == []
    assert percentile(seen.delays_s, 0.99) <= SEEN_S


async def _with_everybody(probe: Probe) -> Running:
    """habilitation with the conventions of its own tests, told again to whoever comes late."""
    platform = probe.platform
    put(platform, everywhere())
    done = await platform.run_command(SERVICE, "republish", "--wet-run")
    assert done.exit_code == 0, done.stderr
    await probe.told.open_account("membre", "19_214")
    return Running(platform, await platform.http(SERVICE))


async def test_copy_that_is_paused_decides_nothing(servers: Servers):
    async with probing(servers) as probe:
        t1 = await open_valfleury(probe.told)
        await probe.becomes("membre", None)
        await probe.client.request("POST", "/pause")
        paused = time.monotonic()
        await probe.told.withdraw_role(t1)

        async def refused() -> bool:
            return (await probe.decide("membre")).status_code == 503

        await eventually(refused, DEADLINE_S, "refused")
        assert time.monotonic() - paused < STALE_S + 4  # what is looked at every second
        answer = await probe.decide("membre")
        assert answer.json()["code"] == "droits_pas_a_jour"
        explained = await probe.client.request("GET", f"/explications/membre/{CDAP}")
        assert explained.json()["code"] == "droits_pas_a_jour"
        await probe.client.request("POST", "/reprise")
        await probe.becomes("membre", Manque.ROLE_RETIRE)


async def test_what_a_service_shows_of_rights(servers: Servers):
    async with probing(servers) as probe:
        await open_valfleury(probe.told)
        await probe.becomes("membre", None)
        listed = await probe.client.request("GET", f"/habilites/{CDAP}")
        assert listed.json() == {"ids": ["membre"], "after": None}
        explained = await probe.client.request("GET", f"/explications/membre/{CDAP}")
        assert explained.json()[-1] == "appartenance tenu 1"
        seen = (await probe.decide("membre")).json()["versions"]
        assert (await probe.decide("membre", seen)).status_code == 200
        answer = await probe.decide("membre", "c99.m1")
        assert (answer.status_code, answer.json()["code"]) == (503, "droits_pas_a_jour")
