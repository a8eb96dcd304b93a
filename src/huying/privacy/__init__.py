"""What leads to a person is found, hidden, kept no longer than needed, never published in small numbers, and
shown only to who may see it for a purpose: the table of rules, its decisions, and what no table may allow."""

from __future__ import annotations

from huying.privacy.masking import Masked as Masked
from huying.privacy.masking import mask as mask
from huying.privacy.spans import Span as Span
