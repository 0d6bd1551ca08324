"""`python -m filmedia.client`."""

import sys

from filmedia.client.main import main

sys.exit(main())
