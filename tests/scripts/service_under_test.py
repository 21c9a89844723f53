"""A running service for the script tests; see scripts/local_service.py."""

import sys
from contextlib import contextmanager
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path.insert(0, str(CHECKOUT / "scripts"))
from local_service import (  # noqa: E402
    INGAM, OWNER_KEY, SIGNER_ADDRESS, Anvil, Failed, LocalService, build, die_with_parent,
    write_environment,
)  # fmt: skip

HANBIT = "https://badges.hanbit.example/issuers/semiconductor"
BADGE = CHECKOUT / "scripts" / "demo-badges" / "hanbit" / "common-bronze.json"

__all__ = [
    "BADGE", "CHECKOUT", "HANBIT", "INGAM", "OWNER_KEY", "SIGNER_ADDRESS", "Anvil", "Failed",
    "LocalService", "die_with_parent", "running_service", "write_environment",
]  # fmt: skip


build()


@contextmanager
def running_service(issuers=(HANBIT,), **options):
    with LocalService(**options) as service:
        service.prepare()
        service.add_platform("한빛대학교 배지 플랫폼", list(issuers))
        service.serve()
        yield service
