"""`python -m slownet`: the same as the command `slownet`."""

from slownet.cli import main

raise SystemExit(main())
