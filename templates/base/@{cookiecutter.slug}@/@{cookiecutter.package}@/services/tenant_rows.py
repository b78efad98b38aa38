"""Keeps the rows of tenants apart: every read, change and deletion of the store reaches those of the current one."""

from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, Session, with_loader_criteria

from ..models.tables.base import OfTenant
from ..utils.tenancy import current_tenant, for_every_tenant


class TenantSession(Session):
    """A session that shows a tenant its own rows alone, unless the work is for every tenant.

    It cannot see into textual SQL and changes by primary key alone: read the row first.
    """


@event.listens_for(TenantSession, "do_orm_execute")
def _own_rows_alone(execution: ORMExecuteState) -> None:
    if for_every_tenant() or not (execution.is_select or execution.is_update or execution.is_delete):
        return
    tenant = current_tenant()
    execution.statement = execution.statement.options(
        with_loader_criteria(OfTenant, lambda rows: rows.tenant == tenant, include_aliases=True)
    )
