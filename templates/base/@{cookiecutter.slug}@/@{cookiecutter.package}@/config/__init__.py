"""Configuration: settings from the environment, environment files, the agent's own configuration, secrets."""
