"""Alerts by the Common Alerting Protocol 1.2 (OASIS): storms, floods, spills, from who watches for them."""
