"""What leads to a person is found, hidden, kept no longer than needed, never published in small numbers."""

from __future__ import annotations

from huying.privacy.masking import Masked as Masked
from huying.privacy.masking import mask as mask
from huying.privacy.spans import Span as Span
