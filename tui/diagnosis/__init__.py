"""Evidence becomes everything that is told about causes, decided once a reading. Pure."""
