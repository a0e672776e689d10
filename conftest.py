pytest_plugins = ["tests.unavailable"]
