"""The sample reports as fixtures."""

from __future__ import annotations

import pytest
from reporters.samples import ALL


@pytest.fixture(params=ALL.items(), ids=list(ALL))
def sample(request):
    """Return the name of a sample report and the report."""
    return request.param
