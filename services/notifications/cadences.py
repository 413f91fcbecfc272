"""How fast each destination is written to: so many mails a second, the others wait in line.

Large mail hosts defer whoever sends them too much at once, and a campaign would spend its retries
on that. Each process counts for itself: two processes send twice as much. That a mail had its turn
is kept with the mail, so that it is one for every process.
"""

from dataclasses import dataclass

BURST_S = 1.0
"""A destination that got nothing for a while may get the mails of this long at once (assumed)."""
MANY = 1_000
"""Destinations known before those that are quiet are forgotten (assumed)."""


@dataclass(slots=True)
class _Destination:
    """What one destination may get now, and when the last mail of each line has its turn.

    Those of a campaign stand in a line of their own, which may be long: nobody else waits in it.
    """

    share: float
    counted_at: float
    end: float = 0.0
    end_of_campaigns: float = 0.0

    def take(self, moment: float, per_second: float) -> bool:
        """Take one mail's part, if there is one."""
        most = max(1.0, per_second * BURST_S)
        self.share = min(most, self.share + (moment - self.counted_at) * per_second)
        self.counted_at = moment
        if self.share < 1.0:
            return False
        self.share -= 1.0
        return True

    def stand(self, moment: float, per_second: float, *, campaign: bool) -> float:
        """Go to the end of a line; returns when its turn comes."""
        if campaign:
            last = max(self.end_of_campaigns, self.end, moment)
            self.end_of_campaigns = last + 1 / per_second
            return self.end_of_campaigns
        self.end = max(self.end, moment) + 1 / per_second
        return self.end

    def is_quiet(self, moment: float) -> bool:
        """Whether forgetting it changes nothing."""
        return max(self.end, self.end_of_campaigns, self.counted_at) + BURST_S < moment


class Cadences:
    """Who may go now, and when the others come back. Moments are the event loop's, in seconds."""

    def __init__(self, per_second: float) -> None:
        self._per_second = per_second
        self._destinations: dict[str, _Destination] = {}

    def wait_s(
        self, name: str, moment: float, *, waited: bool = False, campaign: bool = False
    ) -> float:
        """In how long a mail should come back; 0.0 to send it at once, which is then counted.

        Whoever comes while others wait in line goes to its end; whoever `waited` has had his turn,
        and goes as soon as the destination may get a mail.
        """
        destination = self._destinations.get(name) or self._open(name, moment)
        line_end = destination.end_of_campaigns if campaign else destination.end
        if (waited or line_end <= moment) and destination.take(moment, self._per_second):
            return 0.0
        return destination.stand(moment, self._per_second, campaign=campaign) - moment

    def _open(self, name: str, moment: float) -> _Destination:
        if len(self._destinations) >= MANY:
            quiet = [name for name, each in self._destinations.items() if each.is_quiet(moment)]
            for each in quiet:
                del self._destinations[each]
        opened = _Destination(max(1.0, self._per_second * BURST_S), moment)
        self._destinations[name] = opened
        return opened
