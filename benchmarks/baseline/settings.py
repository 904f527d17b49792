"""The product's settings with other addresses, so that only the view differs."""

from config.settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks.baseline.urls"
