"""`python -m huying` is the command `huying`."""

import sys

from huying.cli import main

sys.exit(main())
