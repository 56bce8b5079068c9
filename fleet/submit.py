"""What `spark-submit` is given: the command `dsrproof-fleet`."""

import sys

from dsrproof_fleet.command import main

sys.exit(main())
