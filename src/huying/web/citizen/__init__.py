"""Pages for whoever has something to tell: report it, follow it, say whether it is solved."""

from __future__ import annotations

from huying.web.citizen import following, report

ROUTES = (report.ROUTES, following.ROUTES)
reports = report.reports
