pytest_plugins = ["tests.unavailable", "tests.sharing"]
