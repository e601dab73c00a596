"""Record in held.json which reference cases hold; never fewer than before.

    python tests/conformance/update.py

Exit status 1, and nothing written, where there are fewer cases than recorded, or a
case that held does not hold any more.
"""

import json
import sys
from pathlib import Path


def main() -> int:
    """Run all cases and write the record."""
    from conformance import adapter, judge

    found = judge.tally(adapter)
    new = {op: own.record() for op, own in found.items()}
    if lost := judge.losses(judge.recorded(), new):
        print("held.json is left as it is, since these would shrink:", *lost, sep="\n")
        return 1
    judge.RECORD.write_text(json.dumps(new, indent=1) + "\n", encoding="utf-8")
    print(judge.table(found))
    return 0


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))
    sys.exit(main())
