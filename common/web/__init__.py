"""What the three programs share of HTTP: problems, middleware, login, limits, health, and the server itself."""
