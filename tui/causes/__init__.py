"""Why monitoring stopped: one file a cause, each with its rule, its steps and its repair. Pure."""
