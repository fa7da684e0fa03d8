"""The wallet's HTTP: a JSON API for programs (bearer token of an unlock), and, in ``pages_*``, pages for browsers."""
