"""Status indices from the issuer's own table: one process, a list that fills up, and eight processes on one PostgreSQL."""

from __future__ import annotations

from collections import Counter

import pytest

from common.status.allocation import ListShape
from issuer.flows.status_indices import StatusIndices, shape_of
from issuer.store.tables import StatusList
from tests.bench.programs.status_indices import allocate_together
from tests.issuer.school import TENANT, School


def test_a_full_list_is_followed_by_another(any_school: School) -> None:
    desk = any_school.desk
    indices = StatusIndices(desk.database, desk.clock, desk.addresses, size=64, block=5)
    found = [indices.allocate(TENANT) for _ in range(3 * shape_of(64).capacity)]
    assert max(Counter((one.list_id, one.index) for one in found).values()) == 1
    assert sorted(Counter(one.list_id for one in found).values()) == [62, 62, 62]
    for row in StatusList.select().where(StatusList.tenant == TENANT):
        decoys = set(ListShape(size=64, decoys=2).decoy_indices(bytes(row.permutation_key)))
        assert decoys.isdisjoint(one.index for one in found if one.list_id == row.id)


@pytest.mark.slow
@pytest.mark.postgres
def test_eight_processes_never_share_an_index(postgres_url: str) -> None:
    _, given = allocate_together(postgres_url, each=3000)
    assert len(given) == 24_000
    assert max(Counter(given).values()) == 1
