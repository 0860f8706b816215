"""How a connection comes into the configuration: one pure flow of questions, and what it learns outside."""
