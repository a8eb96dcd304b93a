"""Print the API's own description, from which the screens' types are made.

    python tools/openapi.py > description.json

It is what `GET /openapi.json` of an installation of the demo county gives, with sorted keys.
"""

from __future__ import annotations

import json
import sys

from huying.bootstrap import open_house, start_writer
from huying.doors import create_app, open_desk
from huying.edge.settings import Settings
from huying.store.packdir import read_pack
from huying.system import SystemChance, SystemClock
from huying.web.openapi import document


def main() -> int:
    house = open_house(":memory:", read_pack("yunxi"), SystemClock(), SystemChance())
    writer = start_writer(house)
    try:
        described = document(create_app(open_desk(house, writer, Settings())).routes)
    finally:
        writer.close()
        house.close()
    json.dump(described, sys.stdout, ensure_ascii=False, sort_keys=True, indent=1)
    print()
    return 0


if __name__ == "__main__":
    sys.exit(main())
