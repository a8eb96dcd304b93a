"""What is to be covered, from where, and how much a choice covers.

Church and ReVelle, The maximal covering location problem, Papers of the Regional Science Association 32,
1974; Daskin, A maximum expected covering location model, Transportation Science 17, 1983.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import scipy  # its parts load when they are first used
from msgspec import Struct
from numpy.typing import NDArray

PLACES_MAX, SITES_MAX = 20_000, 2_000
"""Places and sites of one problem: every address block of a province's city; a matrix of 40 MB."""

CREWS_MAX = 1_000


class Problem(Struct, frozen=True, dict=True):
    """Put `crews` at sites so that the demand in reach is most.

    `reach` (places, sites) says what is in reach of what, `demand` (places) how much happens where. A crew is
    busy `busy` of the time: the k-th in reach of a place adds (1 - busy) · busy^(k-1) of its demand; 0 is
    maximal covering, where a second adds nothing. At most `most` crews stand at one site. At `kept` sites
    (one entry a crew) crews stand already and stay; they count among `crews`.
    """

    reach: NDArray[np.bool_]
    demand: NDArray[np.float64]
    crews: int
    busy: float = 0.0
    most: int = 1
    kept: tuple[int, ...] = ()

    @property
    def sites(self) -> int:
        return int(self.reach.shape[1])

    @cached_property
    def by_place(self) -> scipy.sparse.csr_matrix:
        """(places, sites) 1 where reached. Made once: it takes as long as forty looks at all sites."""
        places, sites = self.reach.shape
        flat = np.flatnonzero(self.reach)
        place = flat // max(1, sites)
        ends = np.concatenate([[0], np.cumsum(np.bincount(place, minlength=places))])
        return scipy.sparse.csr_matrix((np.ones(len(flat)), flat - place * sites, ends), self.reach.shape)

    @cached_property
    def by_site(self) -> scipy.sparse.csr_matrix:
        """(sites, places), see `by_place`."""
        return self.by_place.T.tocsr()

    @property
    def levels(self) -> int:
        """Crews in reach of one place after which one more adds less than a hundredth of what is there."""
        if self.busy <= 0.0:
            return 1
        enough = int(np.ceil(np.log(1e-2) / np.log(self.busy)))
        return max(1, min(self.crews, enough))

    def gains(self) -> NDArray[np.float64]:
        """(levels) the share of a place's demand that the first, second … crew in reach adds."""
        found: NDArray[np.float64] = (1.0 - self.busy) * np.float64(self.busy) ** np.arange(self.levels)
        return found

    def worth(self) -> NDArray[np.float64]:
        """(crews + 1) the share of a place's demand that 0, 1, 2 … crews in reach cover."""
        sums = np.concatenate([[0.0], np.cumsum(self.gains())])
        return sums[np.minimum(np.arange(self.crews + 1), self.levels)]

    def covered(self, chosen: Sequence[int]) -> float:
        """The demand that crews at these sites cover."""
        times = self.reach[:, list(chosen)].sum(axis=1) if chosen else np.zeros(len(self.demand), int)
        return float(self.worth()[times] @ self.demand)

    def merged(self) -> Problem:
        """The same problem with places that are reached from the same sites as one place of their joint
        demand, and without those that are not reached or don't matter."""
        matters = (self.demand > 0) & self.reach.any(axis=1)
        reach, demand = self.reach[matters], self.demand[matters]
        if not len(reach):
            return Problem(reach, demand, self.crews, self.busy, self.most, self.kept)
        packed = np.ascontiguousarray(np.packbits(reach, axis=1))
        _, first, which = np.unique(
            packed.view(np.dtype((np.void, packed.shape[1]))).ravel(), return_index=True, return_inverse=True
        )
        joint: NDArray[np.float64] = np.bincount(which.ravel(), weights=demand, minlength=len(first)).astype(
            np.float64
        )
        return Problem(reach[first], joint, self.crews, self.busy, self.most, self.kept)


class Answer(Struct, frozen=True):
    """Crews at `chosen` sites (one entry a crew, rising) cover `covered`; nothing covers more than `bound`.

    `proven` says that nothing covers more, within rounding.
    """

    chosen: tuple[int, ...]
    covered: float
    bound: float
    proven: bool
