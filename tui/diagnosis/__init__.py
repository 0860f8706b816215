"""Evidence becomes everything that is shown about causes, decided once a reading. Pure."""
