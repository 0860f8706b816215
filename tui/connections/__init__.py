"""The subject itself: connections, evidence, findings, states and the way back to Monitoring. Pure."""
